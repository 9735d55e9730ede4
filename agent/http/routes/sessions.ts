import { sessionQuery } from '../../contract/page.ts'
import type { Application } from '../../till/application.ts'
import { readList, readOne } from '../handler.ts'

export function sessionHandlers({ registers, sessions }: Application) {
  return {
    registersSession: readOne(registers.session),
    sessionsList: readList(sessionQuery, sessions.list),
    sessionsGet: readOne(sessions.get),
  }
}
