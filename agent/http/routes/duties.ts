import type { Contract } from '../../contract/contract-of.ts'
import { dutyQuery } from '../../contract/duty.ts'
import type { Application } from '../../till/application.ts'
import type { ListHandler, ReadHandler } from '../handler.ts'
import { jsonReply, readList } from '../handler.ts'

export function dutyHandlers({ duties }: Application, contract: Contract) {
  const query = contract.of(dutyQuery)
  const dutiesList: ListHandler = {
    kind: 'list',
    // The whole list is made between tills; its pages are read in portions like any other.
    run: async (call, yieldToTills) => {
      const all = await duties.all()
      return readList(query, (access, asked) => duties.page(all, access, asked)).run(call, yieldToTills)
    },
  }
  const dutiesGet: ReadHandler = {
    kind: 'read',
    run: async (call) => jsonReply(200, await duties.get(call, call.id)),
  }
  return { dutiesList, dutiesGet }
}
