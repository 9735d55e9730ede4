import { rmSync, writeSync } from 'node:fs'
import { awaitClient, nextFork } from '../forks/next-fork.ts'
import { agentHere } from './agent-here.ts'
import { AnswerLog } from './answer-log.ts'
import { httpLine } from './http-line.ts'
import { live } from './life.ts'
import { seeded } from './seeded.ts'
import { ACTS, workShift } from './shift.ts'
import { openShop, Till } from './till.ts'

awaitClient()
// Everything is loaded and compiled that lives need: shifts of all acts (a tenth of their CPU time, measured).
for (let warm = 0; warm < 4; warm++) {
  const { agent, url, key, state } = await agentHere()
  const line = httpLine({ url: () => url, key, back: async () => undefined })
  const till = new Till('till', { random: seeded(1), log: new AnswerLog(), line, over: () => false })
  for (const register of await openShop(till, 1)) await workShift(till, register, ACTS)
  await agent.stop()
  rmSync(state, { recursive: true, force: true })
}

const args = await nextFork()
await live(args, (at) => writeSync(1, `ready ${process.pid} ${at}\n`))
