import { runInChild } from '../../../../base/child/run.ts'
import type { Finding } from '../../../../verify/dsfinvk/finding.ts'
import type { TseMaster } from './bon.ts'
import { clearBuilding } from './building.ts'
import type { DsfinvkResult } from './export.ts'
import type { Selection } from './journal-closings.ts'
import type { BookSettings } from './journal-source.ts'
import { DsfinvkRefusedError } from './refused.ts'

/** A young generation of twice the size would take 7 MB more and save 2 % of the time. */
const PROGRAM = { name: 'export', entry: new URL('./export-child.ts', import.meta.url), heapMb: 48, limitMs: 3_600_000 }

export type ExportRequest = {
  /** State directory: the child reads the journal while the agent writes it. */
  directory: string
  /** Path of the finished package. */
  path: string
  selection: Selection
  settings: Omit<BookSettings, 'hashes' | 'tse'>
  /** TSEs that the journal may have no document of: those connected now. */
  tses: readonly TseMaster[]
  /** The reader of the package checks it. */
  unchecked?: boolean
}

export type ExportAnswer = DsfinvkResult & { timesMoved: number }

/** The child's answer: the result, or the findings of a refused package. */
export type ChildAnswer = { result: ExportAnswer } | { findings: readonly Finding[]; findingCount: number }

/**
 * Writes a DSFinV-K package in a child process. Throws DsfinvkRefusedError and the errors of `runInChild`; then no part
 * of the package remains.
 */
export async function exportInChild(request: ExportRequest, signal: AbortSignal): Promise<ExportAnswer> {
  const answer = await runInChild<ChildAnswer>(PROGRAM, request, signal).catch((error: unknown) => {
    // A killed child could not remove its files.
    clearBuilding(request.path)
    throw error
  })
  if ('result' in answer) return answer.result
  throw new DsfinvkRefusedError(answer.findings, answer.findingCount)
}
