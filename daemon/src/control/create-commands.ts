/** A request from outside becomes an operator's decision: checked, guarded, audited, then handed to enforce. */

import { createAllowCommands } from './allow-commands.js'
import { createApplyCommand } from './apply-command.js'
import { createBlockCommands } from './block-commands.js'
import { createBreakerCommand } from './breaker-command.js'
import { createCalibrateCommands } from './calibrate-command.js'
import type { Commands, CommandsOptions } from './commands.js'
import { createModeCommand } from './mode-command.js'
import { afterTrial } from './on-trial.js'
import { createPanicCommand } from './panic-command.js'
import { createPlanCommand } from './plan-command.js'
import { createTrialCommand } from './trial-command.js'

export function createCommands(options: CommandsOptions): Commands {
  const commands = {
    ...createBlockCommands(options),
    ...createAllowCommands(options),
    ...createModeCommand(options),
    ...createPlanCommand(options),
    ...createPanicCommand(options),
    ...createBreakerCommand(options),
    ...createTrialCommand(options),
    ...createApplyCommand(options),
    ...createCalibrateCommands(options),
  }
  return afterTrial(commands, options.trial)
}
