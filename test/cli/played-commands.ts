import { rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { join } from 'node:path'
import { shopHere } from '../crash/shop-here.ts'
import { commandHere } from './command-here.ts'

/** Plays dear commands beside an agent that sells: forks then have what V8 has learned (a quarter of an audit, measured). */
export async function playCommands(): Promise<void> {
  keepPriority()
  const { agent, state } = await shopHere()
  const config = join(state, 'agent.json')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  writeFileSync(config, JSON.stringify({ version: 1, state, listen: { port: 0 }, devices }))
  for (const words of [`audit --out ${join(state, 'audit')}`, 'doctor', 'key list', 'journal verify'])
    await commandHere([...words.split(' '), '--config', config, '--json'])
  await agent.stop()
  rmSync(state, { recursive: true, force: true })
}

/** An audit takes the lowest priority, in which it ends never on a busy machine; programs of their own still take it. */
function keepPriority(): void {
  os.setPriority = () => undefined
  syncBuiltinESMExports()
}
