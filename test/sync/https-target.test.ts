// @module-tag heavy
import { tokenHash } from '../../receiver/tokens.ts'
import { describeTarget } from '../contracts/sync-target.ts'
import { cloud, openRig, storedEvents } from './rig.ts'
import { CutLine } from './servers/cut-line.ts'

describeTarget('a receiver over http', async ({ chain: { agentId } }) => {
  let rig = await openRig()
  const { token } = await rig.enrol(agentId)
  const line = new CutLine(portOf(rig.receiver.url))
  const url = `http://127.0.0.1:${await line.listen()}`
  return {
    target: () => cloud(url, token),
    held: (journal) => storedEvents(rig.store, journal),
    forget: async () => {
      await rig.close()
      rig = await openRig()
      await rig.store.addToken('new', tokenHash(token), { kind: 'agent', tenantId: rig.tenantId, agentId })
      line.leadTo(portOf(rig.receiver.url))
    },
    takeAway: async () => line.cut(),
    putBack: async () => line.repair(),
    destroy: async () => {
      await line.close()
      await rig.close()
    },
  }
})

function portOf(url: string): number {
  return Number(new URL(url).port)
}
