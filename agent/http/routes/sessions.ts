import { sessionQuery } from '../../contract/page.ts'
import type { Application } from '../../till/application.ts'
import { readList, readOne } from '../handler.ts'

export function sessionHandlers({ sessions }: Application) {
  return {
    sessionsList: readList(sessionQuery, sessions.list),
    sessionsGet: readOne(sessions.get),
  }
}
