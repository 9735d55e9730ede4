import { join } from 'node:path'

const LASTING_DISK = `--require=${join(import.meta.dirname, 'lasting-disk.cjs')}`

/** The environment of a program whose state is on a disk, wherever the tests run. */
export function onLastingDisk(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, NODE_OPTIONS: LASTING_DISK }
}
