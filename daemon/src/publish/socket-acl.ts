/** The access list of the socket: one more group may connect besides owner and group. */

/** Source: linux/posix_acl.h and linux/posix_acl_xattr.h. */
const version = 2
const tags = { owner: 0x01, group: 0x04, namedGroup: 0x08, mask: 0x10, others: 0x20 } as const
const readWrite = 6
const noId = 0xffffffff

/** Owner, group and the named group read and write, nobody else. @returns the value of the extended attribute */
export function socketAcl(gid: number): Uint8Array {
  const entries = [
    [tags.owner, readWrite, noId],
    [tags.group, readWrite, noId],
    [tags.namedGroup, readWrite, gid],
    [tags.mask, readWrite, noId],
    [tags.others, 0, noId],
  ] as const
  const bytes = new DataView(new ArrayBuffer(4 + entries.length * 8))
  bytes.setUint32(0, version, true)
  for (const [i, [tag, permission, id]] of entries.entries()) {
    bytes.setUint16(4 + i * 8, tag, true)
    bytes.setUint16(6 + i * 8, permission, true)
    bytes.setUint32(8 + i * 8, id, true)
  }
  return new Uint8Array(bytes.buffer)
}
