/**
 * A page of Markdown with each sentence on its own line, so that a change of prose shows the sentence that changed.
 * Code, tables, headings and the indentation of lists stay as they are.
 */
export function oneSentenceALine(text: string): string {
  const lines: string[] = []
  let block: string[] = []
  let isCode = false
  const endBlock = (): void => {
    lines.push(...laidOut(block))
    block = []
  }
  for (const line of text.split('\n')) {
    const isFence = /^\s*```/.test(line)
    if (isFence) isCode = !isCode
    if (isFence || isCode || STANDING.test(line)) {
      endBlock()
      lines.push(line)
      continue
    }
    if (ITEM.test(line)) endBlock()
    block.push(line)
    // A hard line break.
    if (/(?:\\| {2})$/.test(line)) endBlock()
  }
  endBlock()
  return lines.join('\n')
}

/** Blank, heading, row of a table, code by indentation after a blank line, picture, comment. */
const STANDING = /^\s*$|^#{1,6} |^\s*\||^\s*!\[|^\s*<|^\s*(?:[-*_] ?){3,}$/
const ITEM = /^\s*(?:[-*+]|\d+[.)]|>|\[\d+\]) /
const MARK = /^(\s*)((?:[-*+]|\d+[.)]|>) +)?/

/** The sentences of a page's paragraphs and items, without their marks. */
export function proseOf(text: string): string[] {
  return oneSentenceALine(withoutCode(text))
    .split('\n')
    .filter((line) => !STANDING.test(line))
    .map((line) => line.replace(MARK, ''))
}

/** The cells of a page's tables. */
export function cellsOf(text: string): string[] {
  const rows = withoutCode(text)
    .split('\n')
    .filter((line) => /^\s*\|/.test(line))
  return rows
    .flatMap((row) =>
      row
        .trim()
        .split(/(?<!\\)\|/)
        .slice(1, -1),
    )
    .map((cell) => cell.trim())
}

function withoutCode(text: string): string {
  return text.replaceAll(/^\s*```[\s\S]*?^\s*```.*$/gm, '')
}

/** One paragraph or item: its first sentence keeps the mark, the others are indented as its text. */
function laidOut(block: readonly string[]): string[] {
  const [first, second] = block
  if (first === undefined) return []
  const [mark = '', indent = '', bullet = ''] = MARK.exec(first) ?? []
  const follow = second === undefined ? indent + ' '.repeat(bullet.length) : (/^\s*/.exec(second)?.[0] ?? '')
  const prose = [first.slice(mark.length), ...block.slice(1).map((line) => line.trimStart())].join(' ')
  return sentencesOf(prose).map((sentence, index) => (index === 0 ? mark : follow) + sentence)
}

/** Words that end with a full stop within a sentence. */
const ABBREVIATED =
  /(?:^|[\s(„"])(?:[a-z]|e\.g|i\.e|z\. ?B|d\. ?h|vs|cf|approx|ca|bzw|ggf|inkl|Nr|No|Abs|Art|lit|Ziff|Kap|Rz|S|St|Str|Dr|art|comma|§+ ?\d+)\.$/
const END = /[.!?][)"”“'*_`\]]*$/
const BEGIN = /^[\p{Lu}\d`*_[("„“§–…]/u
const HEAD_WORDS = 5

/** The sentences of a paragraph. Code in backticks, links and brackets are not divided. */
export function sentencesOf(prose: string): string[] {
  const sentences: string[] = []
  let current = ''
  for (const word of prose.split(' ')) {
    const isEnd = current !== '' && END.test(current) && BEGIN.test(word)
    if (isEnd && !ABBREVIATED.test(current) && isClosed(current) && !(sentences.length === 0 && isHead(current))) {
      sentences.push(current)
      current = word
    } else current = current === '' ? word : `${current} ${word}`
  }
  return current === '' ? sentences : [...sentences, current]
}

/** False within code, a link or brackets. */
function isClosed(text: string): boolean {
  const plain = text.replace(/`[^`]*`/g, '').replace(/\\./g, '')
  if (plain.includes('`')) return false
  const count = (sign: string): number => plain.split(sign).length - 1
  return count('(') <= count(')') && count('[') <= count(']') && count('**') % 2 === 0
}

/** A bold head that stays with its sentence, as of an item. */
function isHead(text: string): boolean {
  return /^\*\*[^*]+\*\*$/.test(text) && text.split(' ').length <= HEAD_WORDS
}
