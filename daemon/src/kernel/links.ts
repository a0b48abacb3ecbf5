/** The interfaces of this network namespace, the XDP programs on them, and the clock; nothing is changed, no root is needed. */

import { type InterfaceInfo, kernelCall, loadBinding } from './binding.js'

/** One interface as the kernel has it. */
export interface LinkState extends InterfaceInfo {
  readonly xdpMode: 'none' | 'native' | 'generic' | 'offload' | 'multi'
  /** Name of the XDP program; undefined without one, and without root. */
  readonly xdpProgram: string | undefined
  /** Undefined where the driver does not tell. */
  readonly driver: string | undefined
  /** The card merges packets before XDP (large receive offload); undefined where the interface does not tell. */
  readonly hasLro: boolean | undefined
  /** The card takes VLAN tags off before XDP; undefined where the interface does not tell. */
  readonly hasVlanOffload: boolean | undefined
}

export interface MachineState {
  readonly links: readonly LinkState[]
  /** Something keeps the wall clock. */
  readonly isSynchronised: boolean
}

/**
 * @param root folder that holds `build/`
 * @throws KernelError when the kernel does not tell, Error when the addon does not load
 */
export function readMachine(root: string): MachineState {
  const binding = loadBinding(root)
  return kernelCall(() => ({
    isSynchronised: binding.isSynchronised(),
    links: binding.interfaces().map((info) => {
      const { mode, programId } = binding.xdpQuery(info.index)
      const { driver, lro, rxVlan } = binding.offloads(info.name)
      return {
        ...info,
        xdpMode: mode,
        xdpProgram: mode === 'none' ? undefined : binding.programName(programId),
        driver,
        hasLro: lro,
        hasVlanOffload: rxVlan,
      }
    }),
  }))
}
