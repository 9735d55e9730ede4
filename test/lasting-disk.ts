import { join } from 'node:path'

const LASTING_DISK = `--require=${join(import.meta.dirname, 'lasting-disk.cjs')}`

/** The environment of a program whose state, wherever the tests are run, is on a disk. */
export function onLastingDisk(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, NODE_OPTIONS: LASTING_DISK }
}
