import { sessionQuery } from '../../contract/page.ts'
import type { Application } from '../../till/application.ts'
import { readList, readOne } from '../handler.ts'

export function sessionHandlers({ sessions }: Application) {
  return {
    sessionsList: readList(sessionQuery, (caller, merchantId, query) => sessions.list(caller, merchantId, query)),
    sessionsGet: readOne((caller, merchantId, id) => sessions.get(caller, merchantId, id)),
  }
}
