import { mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unpackProgram } from '../../scripts/releases/program.ts'
import type { Release } from '../../scripts/releases/release-folder.ts'
import { PROGRAM, Releases } from '../../scripts/releases/release-folder.ts'
import { ROOT, removedLater } from '../cli/command.ts'
import type { Program } from '../e2e/later-program.ts'

export const RELEASES = new Releases(ROOT)

/** The program of a release from its sources, with the libraries of today. */
export function formerProgram({ version, program_version }: Release): Program {
  const root = removedLater(mkdtempSync(join(tmpdir(), 'former-')))
  unpackProgram(RELEASES.path(version, PROGRAM), root)
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  return { root, version: program_version }
}
