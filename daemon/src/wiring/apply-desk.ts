/** What `idsctl apply` asks of the settings and of the store. */

import type { ApplyDesk } from '../control/apply-order.js'
import type { Store } from '../record/store.js'
import type { Settings } from './settings.js'

export interface ApplyDeskOptions extends Pick<ApplyDesk, 'apply' | 'allowEntries'> {
  readonly settings: Pick<Settings, 'now' | 'with'>
  readonly store: Pick<Store, 'applied' | 'appliedBefore'>
}

export function createApplyDesk({ settings, store, apply, allowEntries }: ApplyDeskOptions): ApplyDesk {
  return {
    get now() {
      return settings.now
    },
    with: settings.with,
    get applied() {
      return store.applied()
    },
    get appliedBefore() {
      return store.appliedBefore()
    },
    apply,
    allowEntries,
  }
}
