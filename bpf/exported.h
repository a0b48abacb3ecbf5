/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Names every type that crosses but is only reserved from a ring or used as a number, so that the BTF holds it. */
#ifndef IDSD_EXPORTED_H
#define IDSD_EXPORTED_H

#include "wire.h"

struct flow_record *exported_flow_record;
struct flow_opened *exported_flow_opened;
struct limiter *exported_limiter;
enum wire_version *exported_wire_version;
struct listed_header *exported_listed_header;
struct listed_list *exported_listed_list;
struct listed_group *exported_listed_group;
struct listed_hits *exported_listed_hits;
struct listed_root *exported_listed_root;
struct listed_bounds4 *exported_listed_bounds4;
struct listed_bounds6 *exported_listed_bounds6;
enum record_type *exported_record_type;
enum end_reason *exported_end_reason;
enum tcp_state *exported_tcp_state;
enum flow_mark *exported_flow_mark;
enum block_action *exported_block_action;
enum block_flag *exported_block_flag;
enum limit_unit *exported_limit_unit;
enum listed *exported_listed;
enum block_origin *exported_block_origin;
enum block_reason *exported_block_reason;
enum loss *exported_loss;
enum unparsed *exported_unparsed;

#endif
