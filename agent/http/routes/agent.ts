import { journalQuery } from '../../contract/page.ts'
import { parse } from '../../contract/parse.ts'
import type { ErrorCode } from '../../errors.ts'
import { FiskalError } from '../../errors.ts'
import type { Application } from '../../till/application.ts'
import type { ListHandler, OpenHandler, ReadHandler } from '../handler.ts'
import { jsonReply } from '../handler.ts'
import { oncePerIteration } from '../once-per-iteration.ts'
import type { Reply } from '../send.ts'

/** A string: with a Buffer as body Node sends the head separately. */
const HEALTHY: Reply = jsonReply(200, { status: 'ok' })

export function agentHandlers(application: Application) {
  const healthz: OpenHandler = { kind: 'open', run: () => HEALTHY }
  const look = oncePerIteration(() => application.readiness())
  const readyz: OpenHandler = { kind: 'open', run: () => readiness(look()) }
  const devices: ReadHandler = { kind: 'read', run: () => jsonReply(200, { data: application.devices() }) }
  const sync: ReadHandler = { kind: 'read', run: () => jsonReply(200, { data: application.sync() }) }
  const journal: ListHandler = {
    kind: 'list',
    run: async ({ query }, yieldToTills) => {
      const { after, limit } = parse(journalQuery, query)
      await yieldToTills()
      return jsonReply(200, application.journal(after, limit))
    },
  }
  return { healthz, readyz, devices, sync, journal }
}

const NOT_READY: Readonly<Record<string, ErrorCode>> = {
  starting: 'reconciling',
  stopping: 'shutting_down',
  no_storage: 'storage_unavailable',
}

function readiness({ ready, state, details, warnings }: ReturnType<Application['readiness']>): Reply {
  const open = { ...details, warnings: warnings.map(({ detail, about, ...warning }) => warning), state }
  if (ready) return jsonReply(200, open)
  throw new FiskalError(NOT_READY[state] ?? 'reconciling', `The agent is not ready: ${state}.`, open)
}
