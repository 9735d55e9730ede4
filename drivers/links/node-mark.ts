import { stat } from 'node:fs/promises'

/**
 * The identity of the file at a path, links followed; undefined if there is no file. It changes when a device is
 * replugged.
 */
export async function nodeMark(path: string): Promise<string | undefined> {
  const facts = await stat(path, { bigint: true }).catch(() => undefined)
  return facts && `${facts.dev}:${facts.ino}:${facts.rdev}`
}
