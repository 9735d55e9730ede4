import { execFileSync } from 'node:child_process'
import { FOLDERS } from '../package/contents.ts'

/** They run with the libraries of another tree. */
const PARTS = [...FOLDERS, 'bin', 'systemd', 'package.json', 'LICENSE', 'maintainer.json']
const MAX_BYTES = 100_000_000

/** The sources of a commit that run: the same commit gives the same bytes, with its time as that of each file. */
export function packProgram(root: string, commit: string): Buffer {
  const options = { cwd: root, maxBuffer: MAX_BYTES }
  const tar = execFileSync('git', ['-c', 'tar.umask=0022', 'archive', '--format=tar', commit, '--', ...PARTS], options)
  return execFileSync('xz', ['--compress', '--stdout', '-9e', '--threads=1'], { ...options, input: tar })
}

export function unpackProgram(file: string, folder: string): void {
  execFileSync('tar', ['-xJf', file, '-C', folder])
}
