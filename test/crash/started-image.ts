import { randomBytes } from 'node:crypto'
import { readConfig } from '../../agent/agent-config.ts'
import { compose } from '../../agent/compose.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../silent-log.ts'

/**
 * Starts and stops the daemon's agent on a machine of that id, and kills itself at the n-th fault point that it reaches.
 * Ends the process.
 */
export async function startImage([file = '', id = '', deadly = '0']: readonly string[]): Promise<never> {
  let reached = 0
  const fault = (): void => {
    if (++reached === Number(deadly)) process.kill(process.pid, 'SIGKILL')
  }
  const agent = await compose(readConfig(file).config, {
    clock: systemClock,
    random: (length) => randomBytes(length),
    log: silentLog,
    fault,
    machineNumbers: async () => ({ id, parts: [`disk ${id}`] }),
    comparesMachine: true,
  })
  await agent.listen()
  await agent.stop()
  // A printer that was just connected may keep the process.
  process.exit(0)
}
