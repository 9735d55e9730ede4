import type { AgentHere } from './agent-here.ts'
import { agentHere } from './agent-here.ts'
import { AnswerLog } from './answer-log.ts'
import { httpLine } from './http-line.ts'
import { seeded } from './seeded.ts'
import { ACTS, workShift } from './shift.ts'
import { openShop, Till } from './till.ts'

/** The agent in this process, after a shift of all acts: what it needs is loaded and compiled. */
export async function shopHere(): Promise<AgentHere> {
  const here = await agentHere()
  const line = httpLine({ url: () => here.url, key: here.key, back: async () => undefined })
  const till = new Till('till', { random: seeded(1), log: new AnswerLog(), line, over: () => false })
  for (const register of await openShop(till, 1)) await workShift(till, register, ACTS)
  return here
}
