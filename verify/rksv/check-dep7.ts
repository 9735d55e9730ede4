import { runInChild } from '../../base/child/run.ts'

/** `nowMs`: no receipt is later. `partial`: the file need not begin with the Startbeleg. */
export type Dep7Task = { readonly path: string; readonly partial: boolean; readonly nowMs: number }

const PROGRAM = {
  name: 'check',
  entry: new URL('./check-dep7-child.ts', import.meta.url),
  heapMb: 48,
  limitMs: 3_600_000,
}

/**
 * Checks form, chain and every signature (60 µs each) of a DEP7 file in a child process, and returns the findings in words.
 * Throws what `runInChild` throws.
 */
export async function checkDep7(task: Dep7Task, signal: AbortSignal): Promise<readonly string[]> {
  const { findings } = await runInChild<{ findings: readonly string[] }>(PROGRAM, task, signal)
  return findings
}
