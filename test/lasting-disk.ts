import { join, resolve } from 'node:path'

const LASTING_DISK = `--require=${join(import.meta.dirname, 'lasting-disk.cjs')}`

const NODE_COMPILE_CACHE = resolve(import.meta.dirname, '..', 'node_modules', '.cache', 'fiskal-edge')

/** The environment of a program whose state is on a disk, wherever the tests run. */
export function onLastingDisk(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, NODE_OPTIONS: LASTING_DISK }
}

/** The same, with the compiled modules of earlier starts, as the launchers set it. */
export function asLaunched(): NodeJS.ProcessEnv {
  return { ...onLastingDisk(), NODE_COMPILE_CACHE }
}
