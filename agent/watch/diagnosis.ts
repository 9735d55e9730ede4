import type { LifetimeView } from '../../base/lifetime.ts'
import { visible } from '../../base/text.ts'

/** The running work of the process, and its resources. */
export type Diagnosis = {
  readonly at: string
  readonly agent: {
    readonly version: string
    readonly pid: number
    readonly up_ms: number
    readonly loop_lag_ms: number
    readonly memory_bytes: number
    readonly open_files: number | null
  }
  /** Only of an agent that has opened its journal. */
  readonly journal?: { readonly log_bytes: number }
  readonly nodes: readonly LifetimeView[]
}

const KINDS = {
  lock: '',
  request: 'requests',
  device: 'devices',
  act: 'acts',
  job: 'jobs',
  target: 'targets',
  stream: 'streams',
  timer: 'timers',
}
const UNITS = [
  { ms: 86_400_000, name: 'd' },
  { ms: 3_600_000, name: 'h' },
  { ms: 60_000, name: 'min' },
] as const

/** For a person: a line for each running piece of work, below the one that began it. */
export function diagnosisText({ agent, journal, nodes }: Diagnosis): string {
  const { version, pid, up_ms, loop_lag_ms, memory_bytes, open_files } = agent
  const memory = `${Math.round(memory_bytes / 1e6)} MB`
  const files = open_files === null ? [] : [`${open_files} files open`]
  const head = [version, `pid ${pid}`, `up ${spanOf(up_ms)}`, `loop lag ${loop_lag_ms} ms`, memory, ...files].join(', ')
  const lines = Object.entries(KINDS).flatMap(([kind, title]) => {
    const ofKind = nodes.filter((node) => node.kind === kind)
    return ofKind.flatMap((node, at) => linesOf(node, at === 0 ? title : '', 0))
  })
  const log = journal === undefined ? [] : [`${'journal'.padEnd(TITLE)}log ${(journal.log_bytes / 1e6).toFixed(1)} MB`]
  return [`${'agent'.padEnd(TITLE)}${head}`, ...log, ...lines].map(visible).join('\n')
}

const TITLE = 10

function linesOf(node: LifetimeView, title: string, depth: number): string[] {
  const { id, name, since_ms, state, waits_for, deadline_ms } = node
  const first = node.children[0]
  const waits = waits_for === undefined || waits_for === first?.id ? [] : [`waits for ${waits_for}`]
  const due =
    deadline_ms === undefined
      ? []
      : [node.kind === 'timer' ? `in ${spanOf(deadline_ms)}` : `deadline in ${spanOf(deadline_ms)}`]
  const since = node.kind === 'timer' ? [] : [state, `since ${spanOf(since_ms)}`]
  const facts = [name, ...since, ...waits, ...due, ...(node.kind === 'act' ? [id] : [])].join('  ')
  return [
    `${title.padEnd(TITLE)}${'  '.repeat(depth)}${facts}`,
    ...node.children.flatMap((child) => linesOf(child, '', depth + 1)),
  ]
}

/** `2.1 s`, `3 d 4 h`. */
function spanOf(ms: number): string {
  const at = UNITS.findIndex((unit) => ms >= unit.ms)
  const unit = UNITS[at]
  if (unit === undefined) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`
  const below = UNITS[at + 1]
  const rest = below === undefined ? 0 : Math.floor((ms % unit.ms) / below.ms)
  const whole = `${Math.floor(ms / unit.ms)} ${unit.name}`
  return below === undefined || rest === 0 ? whole : `${whole} ${rest} ${below.name}`
}
