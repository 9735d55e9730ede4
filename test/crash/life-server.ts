import { rmSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setImmediate as turn } from 'node:timers/promises'
import { agentHere } from './agent-here.ts'
import { AnswerLog } from './answer-log.ts'
import { httpLine } from './http-line.ts'
import { live } from './life.ts'
import { seeded } from './seeded.ts'
import { workShift } from './shift.ts'
import { openShop, Till } from './till.ts'

type Server = { serve(): string; end(code: number): void; pid(): number }

// Everything is loaded that a life needs: one shift. Then each request is a fork, in which `serve` returns.
const [, , addon = ''] = process.argv
const { serve, end, pid } = createRequire(import.meta.url)(addon) as Server
const { agent, url, key, state } = await agentHere()
const line = httpLine({ url: () => url, key, back: async () => undefined })
const till = new Till('till', { random: seeded(1), log: new AnswerLog(), line, over: () => false })
for (const register of await openShop(till, 1)) await workShift(till, register, ['corrected'])
await agent.stop()
rmSync(state, { recursive: true, force: true })
globalThis.gc?.()

const args = JSON.parse(serve()) as string[]
Object.defineProperty(process, 'pid', { value: pid() })
// The end of Node would wait for threads that a fork does not have.
process.once('exit', end)
// The time of the loop is that of the fork.
await turn()
await live(args, (at) => writeSync(1, `ready ${process.pid} ${at}\n`))
