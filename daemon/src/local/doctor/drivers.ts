/** Which drivers run XDP themselves, by the name that `ethtool -i` prints. */

/** They take a program before there is a socket buffer. Source: handlers of XDP_SETUP_PROG in the kernel's drivers/net. */
const native = new Set([
  ...['veth', 'virtio_net', 'tun', 'ena', 'gve', 'hv_netvsc', 'vif', 'mana', 'vmxnet3', 'bonding'],
  ...[
    'igb',
    'igc',
    'ixgbe',
    'ixgbevf',
    'i40e',
    'ice',
    'mlx4_en',
    'mlx5_core',
    'bnxt_en',
    'nfp',
    'qede',
    'sfc',
  ],
  ...['mvneta', 'mvpp2', 'stmmac', 'st_gmac', 'nicvf', 'rvu_nicpf', 'atlantic', 'fsl_dpaa2_eth', 'fsl_enetc'],
])
/** They do not. */
const generic = new Set([
  ...['bridge', 'macvlan', 'ipvlan', '802.1Q VLAN Support', 'dummy', 'ifb', 'vxlan', 'team'],
  ...['r8169', 'r8152', 'e1000', 'e1000e', 'tg3', 'iwlwifi', 'ath9k', 'ath10k_pci', 'cdc_ether'],
])

/** Whether a driver has native XDP; undefined where it is not known here. */
export function hasNativeXdp(driver: string | undefined): boolean | undefined {
  if (driver === undefined) return undefined
  return native.has(driver) ? true : generic.has(driver) ? false : undefined
}
