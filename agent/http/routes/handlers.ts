import type { RouteId } from '../../contract/routes.ts'
import type { Application } from '../../till/application.ts'
import type { ChangeStreams } from '../change-streams.ts'
import type { Handler } from '../handler.ts'
import type { HttpOptions } from '../options.ts'
import { agentHandlers } from './agent.ts'
import { closingHandlers } from './closings.ts'
import { displayHandlers } from './display.ts'
import { docsHandlers } from './docs.ts'
import { drawerOpeningHandlers } from './drawer-openings.ts'
import { dutyHandlers } from './duties.ts'
import { exportHandlers } from './exports.ts'
import { locationHandlers } from './locations.ts'
import { merchantHandlers } from './merchants.ts'
import { operationHandlers } from './operations.ts'
import { paymentTerminalHandlers } from './payment-terminals.ts'
import { registerHandlers } from './registers.ts'
import { sessionHandlers } from './sessions.ts'
import { watchHandlers } from './watch.ts'

/** A handler for every row of the contract's route table; the compiler reports a missing one. */
export function handlersOf(
  application: Application,
  { contract, described, draw, support }: Pick<HttpOptions, 'contract' | 'described' | 'draw' | 'support'>,
  streams: ChangeStreams,
): Record<RouteId, Handler> {
  return {
    ...merchantHandlers(application, contract),
    ...locationHandlers(application, contract),
    ...registerHandlers(application),
    ...paymentTerminalHandlers(application),
    ...operationHandlers(application, contract, draw),
    ...sessionHandlers(application),
    ...drawerOpeningHandlers(application),
    ...closingHandlers(application, draw),
    ...exportHandlers(application, contract),
    ...agentHandlers(application),
    ...dutyHandlers(application, contract),
    ...docsHandlers(contract, described),
    ...watchHandlers(application, streams, support),
    ...displayHandlers(application),
  }
}
