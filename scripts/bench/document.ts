import type { Tree } from './kept-commit.ts'
import { keptTree, thisTree } from './kept-commit.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { median } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const STARTS = 5
const MOST_KB = 409.6

type Reads = { readonly firstMs: number; readonly documentMs: number; readonly againMs: number; readonly kb: number }

/**
 * The first request of an agent that has just started, and its OpenAPI document, which is made when it is first asked
 * for. `against`: a commit whose agent is started in turn, as the floor; empty for none.
 */
export async function documentSection(folder: TempFolder, against: string): Promise<Row[]> {
  const ours = await thisTree()
  const theirs = against === '' ? undefined : await keptTree(against, await folder.make('kept-document'))
  const reads: { ours: Reads[]; theirs: Reads[] } = { ours: [], theirs: [] }
  for (let start = 0; start < STARTS; start++) {
    // Each tree is first in turn.
    const sequence = start % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)
    for (const whose of sequence) {
      const tree = whose === 'ours' ? ours : theirs
      if (tree !== undefined) reads[whose].push(await readFrom(tree, await folder.make(`document-${whose}-${start}`)))
    }
  }
  return rowsOf(reads, theirs)
}

async function readFrom(tree: Tree, folder: string): Promise<Reads> {
  const agent = await tree.startAgent(folder)
  try {
    const first = await timed(`${agent.url}/healthz`)
    const document = await timed(`${agent.url}/openapi-json`)
    const again = await timed(`${agent.url}/openapi-json`)
    return { firstMs: first.ms, documentMs: document.ms, againMs: again.ms, kb: document.bytes / 1000 }
  } finally {
    await agent.stop()
  }
}

async function timed(url: string): Promise<{ ms: number; bytes: number }> {
  const beganMs = performance.now()
  const answer = await fetch(url)
  const { byteLength: bytes } = await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`)
  return { ms: performance.now() - beganMs, bytes }
}

function rowsOf({ ours, theirs }: { ours: Reads[]; theirs: Reads[] }, kept: Tree | undefined): Row[] {
  const section = `OpenAPI document of a fresh agent${kept === undefined ? '' : ` (floor column: ${kept.name})`}`
  const of = (member: keyof Reads) => ({
    measured: median(ours.map((each) => each[member])),
    ...(theirs.length > 0 && { floor: median(theirs.map((each) => each[member])) }),
  })
  return [
    { section, what: 'first request (/healthz), p50', unit: 'ms', ...of('firstMs') },
    { section, what: 'first /openapi-json, p50', unit: 'ms', ...of('documentMs') },
    { section, what: 'the same again, p50', unit: 'ms', ...of('againMs') },
    limitRow({ section, what: 'its size', unit: 'KB', ...of('kb') }, MOST_KB, 'at most'),
  ]
}
