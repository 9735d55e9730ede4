import { membersIn } from '../../../journal/checked.ts'
import type { StoredParts } from '../../../journal/documents/document.ts'
import { lineTexts } from './order-text.ts'

const LENGTH_MAX = 1000

/** The processData of a move between groups (SonstigerVorgang): ../order-move.ts a second time, on purpose. */
export function moveTextOf({ shown }: StoredParts): string {
  const groups = [shown['from_allocation_group'], shown['allocation_group']].map(
    (group) => `"${String(group).replaceAll('"', '""')}"`,
  )
  const head = ['Umbuchung', ...groups].join(';')
  const lines = lineTexts(listIn(shown['moved_lines']).map((line) => membersIn(line) ?? {}))
  const whole = [head, ...lines].join('\r')
  if (whole.length <= LENGTH_MAX) return whole
  for (let kept = lines.length - 1; kept > 0; kept--) {
    const text = [head, ...lines.slice(0, kept), `+${lines.length - kept}`].join('\r')
    if (text.length <= LENGTH_MAX) return text
  }
  return `${head}\r+${lines.length}`
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
