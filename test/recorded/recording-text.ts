import { createHash } from 'node:crypto'
import { FORM } from '../../drivers/recording/recording.ts'

/** A line of a recording; `#` has words, the others bytes with one character each. */
export type RecordedLine = { sign: '>' | '<' | '=' | 'x' | '!' | '#'; text: string }
export type ReadRecording = { head: ReadonlyMap<string, string>; lines: readonly RecordedLine[] }

/** Reads the text of a recording. Throws for one that is cut, was edited, or is of a newer program. */
export function readRecording(text: string): ReadRecording {
  const [form = ''] = text.split('\n', 1)
  if (!/^recording: \d+$/.test(form)) throw new Error('not a recording')
  if (form !== FORM) throw new Error(`"${form}" is of a newer program`)
  const end = /(?<=\n)end: ([0-9a-f]{64})\n$/.exec(text)
  if (end === null) throw new Error('it was cut, or continued: "end: …" is not its last line')
  const body = text.slice(0, end.index)
  if (createHash('sha256').update(body).digest('hex') !== end[1]) throw new Error('it was edited')
  const [head = '', ...rest] = body.split('\n\n')
  return { head: new Map(head.split('\n').map(memberOf)), lines: rest.join('\n\n').trimEnd().split('\n').map(lineOf) }
}

function memberOf(line: string): [string, string] {
  const at = line.indexOf(': ')
  return [line.slice(0, at), line.slice(at + 2)]
}

function lineOf(line: string): RecordedLine {
  if (line.startsWith('# ')) return { sign: '#', text: line.slice(2) }
  const [, sign, quoted] = /^([><=x!]) \d+ (".*")$/.exec(line) ?? []
  if (quoted === undefined) throw new Error(`not a line of a recording: ${line}`)
  return { sign: sign as RecordedLine['sign'], text: JSON.parse(quoted) as string }
}

/** The words of its steps, without what was measured. */
export function wordsOf(lines: readonly RecordedLine[]): readonly string[] {
  return lines.flatMap(({ sign, text }) => (sign === '#' && !text.startsWith('  measured: ') ? [text] : []))
}
