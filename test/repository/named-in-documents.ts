import { dirname, join } from 'node:path/posix'

/** Something that a document names and the repository does not have. */
export type Missing = { document: string; line: number; name: string }

export type Repository = {
  /** Paths from the root. */
  files: readonly string[]
  /** Whether the sources contain the constant. */
  hasConstant: (name: string) => boolean
}

/** Paths in this section of ARCHITECTURE.md are planned. */
const PLANNED = '## What comes next'
const FILE = /^[\w.…<>-]+(\/[\w.…<>-]+)*\.(ts|js|cjs|mjs)$/
const FOLDER = /^([\w-]+\/)+$/
/** Shorter ones are words of the field: TSE, DEP7. */
const CONSTANT = /^(?=.{5})[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/
const ROW = /^\| `((?:[\w-]+\/)*[\w-]+)\/`/

/**
 * The paths of source files and the constants in the backticks of a document that do not exist. A path begins at the
 * root, at a top folder (`agent/` is often omitted), at the folder of the document, or anywhere in a folder that its
 * section names before it; a row of a table that begins with a folder next to the document means that folder. `…` and
 * `<law>` stand for any text.
 */
export function missingIn(document: string, text: string, repository: Repository): Missing[] {
  const own = dirname(document)
  const tops = repository.files.filter((file) => file.includes('/')).map((file) => file.slice(0, file.indexOf('/')))
  const begin = new Set(['.', own, ...tops])
  const hasFolder = (folder: string) => repository.files.some((file) => file.startsWith(`${folder}/`))
  let folders: string[] = []
  let isPlanned = false
  const namesOf = (line: string): string[] => {
    if (line.startsWith('#')) {
      folders = own === '.' ? [] : [own]
      isPlanned = line.startsWith(PLANNED)
    }
    if (isPlanned) return []
    const spans = [...line.matchAll(/`([^`]+)`/g)].map(([, span]) => span ?? '')
    folders.push(...spans.filter((span) => FOLDER.test(span)).map((span) => span.slice(0, -1)))
    const row = [ROW.exec(line)?.[1]].find((folder) => folder !== undefined && hasFolder(join(own, folder)))
    const paths = spans.flatMap((span) => span.split(' ')).filter((word) => FILE.test(word))
    const absent = paths.filter((path) => {
      const found = findFile(path, repository.files, begin, row === undefined ? folders : [row])
      if (found !== undefined) folders.push(dirname(found))
      return found === undefined
    })
    return [...spans.filter((span) => CONSTANT.test(span) && !repository.hasConstant(span)), ...absent]
  }
  const lines = text.replaceAll(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, '')).split('\n')
  return lines.flatMap((line, index) => namesOf(line).map((name) => ({ document, line: index + 1, name })))
}

/** A file at `path` from one of the folders `begin`, or anywhere in one of the folders `within`. */
function findFile(
  path: string,
  files: readonly string[],
  begin: ReadonlySet<string>,
  within: readonly string[],
): string | undefined {
  const pattern = path.replaceAll('.', '\\.').replaceAll(/…|<\w+>/g, '[^/]*')
  const end = new RegExp(`(?:^|/)${pattern}$`)
  const roots = [...begin].flatMap((top) => within.map((folder) => `${join(top, folder)}/`))
  return files.find((file) => {
    const at = end.exec(file)?.index
    if (at === undefined) return false
    const folder = at === 0 ? '.' : file.slice(0, at)
    return begin.has(folder) || roots.some((root) => `${folder}/`.startsWith(root))
  })
}
