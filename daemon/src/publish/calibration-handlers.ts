/** The methods about the calibration. */

import type { Commands } from '../control/commands.js'
import { calibrationChangeMessage, calibrationStatusMessage, proposalMessage } from './calibration-message.js'
import type { Calls } from './calls.js'
import type { CalibrationRequest__Output } from './generated/idsd/v1/CalibrationRequest.js'
import type { IdsdHandlers } from './generated/idsd/v1/Idsd.js'
import type { View } from './view.js'

type CalibrationHandlers = Pick<
  IdsdHandlers,
  'GetCalibration' | 'StartCalibration' | 'ApplyCalibration' | 'CancelCalibration' | 'ClearCalibration'
>

export interface CalibrationHandlersOptions {
  readonly view: Pick<View, 'status' | 'automaticDecisions'>
  readonly commands: Commands
  readonly calls: Pick<Calls, 'unary'>
}

export function createCalibrationHandlers({
  view,
  commands,
  calls: { unary },
}: CalibrationHandlersOptions): CalibrationHandlers {
  const order = ({ forMs, reason, force, dryRun }: CalibrationRequest__Output) => ({
    ...{ forMs, reason, force, dryRun },
  })

  /** Automatic decisions against a source while it was learnt. */
  function decisionsLearnt(): (source: string) => readonly number[] {
    const { run } = view.status().calibration
    if (run === undefined) return () => []
    const made = view.automaticDecisions(run.startedAtMs)
    return (source) => made.get(source) ?? []
  }

  return {
    GetCalibration: unary('GetCalibration', ({ propose, alerts, include, exclude }) => {
      const { calibration } = view.status()
      const status = calibrationStatusMessage(calibration)
      if (!propose) return { status, proposal: null }
      const proposal = commands.proposeCalibration({ alerts, include, exclude })
      return { status, proposal: proposalMessage(proposal, decisionsLearnt()) }
    }),

    StartCalibration: unary('StartCalibration', (request, caller) =>
      calibrationChangeMessage(commands.startCalibration({ ...order(request), caller }), decisionsLearnt()),
    ),
    ApplyCalibration: unary('ApplyCalibration', (request, caller) => {
      const { alerts, include, exclude } = request
      const made = commands.applyCalibration({ ...order(request), caller, alerts, include, exclude })
      return calibrationChangeMessage(made, decisionsLearnt())
    }),
    CancelCalibration: unary('CancelCalibration', (request, caller) =>
      calibrationChangeMessage(commands.cancelCalibration({ ...order(request), caller }), () => []),
    ),
    ClearCalibration: unary('ClearCalibration', (request, caller) =>
      calibrationChangeMessage(commands.clearCalibration({ ...order(request), caller }), () => []),
    ),
  }
}
