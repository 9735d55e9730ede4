/**
 * Counts words that the project used to have for standard terms, in texts that people read. A word with a good everyday
 * use is matched only in its odd use.
 */
export type Area = 'docs' | 'messages' | 'comments' | 'tests' | 'names'
export type Place = { readonly area: Area; readonly word: string; readonly file: string; readonly line: number }

const BE = '(?:is|are|was|were|be|been|being)'

/** The word, its pattern in a sentence, and the replacement. */
const WORDS: readonly (readonly [string, string, string])[] = [
  ['told', '\\b(?:told|tells?)\\b', 'says, reports, returns, prints'],
  [
    'where',
    '(?:^|[.;:,(] ?|\\b(?:nothing|only|also|even|except|and|or|but|as|undefined) )where\\b',
    'if, when, unless',
  ],
  ['stands', '\\b(?:stands|stood|standing)\\b', 'is, is stored, is written, remains, stopped'],
  ['beside', '\\bbesides?\\b', 'while, in addition to, next to'],
  ['behind', '\\bbehind (?!a (?:proxy|router|firewall)|loopback|NAT)', 'after, later than'],
  ['nobody', '\\bnobody\\b', 'no one; better: say what happens'],
  ['whoever', '\\bwhoever\\b|\\bwho(?= (?:asks|reads|wants|has|is|sells|gets|sends|takes|needs|runs) )', 'the caller'],
  ['anew', '\\banew\\b', 'again'],
  ['mend', '\\bmend(?:s|ed|ing)?\\b', 'remedy, fix, repair'],
  ['goes on', '\\b(?:goes|go|going|went|gone) on\\b', 'continues'],
  ['is no X', '(?<!\\bthere )\\b(?:is|are|was|were) no\\b(?! (?:longer|more|later|other|one)\\b)', 'is not a X'],
  ['is there', `\\b${BE} (?:not )?there\\b`, 'exists, is connected'],
  ['is none', '\\b(?:is|are|was|were|has|have|had) none\\b', 'is not one, has no X'],
  ['is gone', `\\b${BE} gone\\b(?! on)`, 'was removed, is lost'],
  ['is away', `\\b${BE} away\\b`, 'is unreachable, is unplugged'],
  ['is out', `\\b${BE} out\\b(?! of)`, 'is down'],
  ['is said', `\\b${BE} said\\b|\\bsa(?:ys|id|y) so\\b`, 'is reported, is logged'],
  ['once more', '\\b(?:once|any) more\\b|\\bno more\\b(?! than)', 'again, any longer, no longer'],
  ['of its own', '\\bof (?:its|their) own\\b', 'its own, a separate'],
  ['by itself', '\\b(?:by|of) (?:itself|themselves)\\b', 'automatically'],
  ['in the place of', '\\bin (?:the|its|their) place\\b|\\btakes? (?:its|their|the) place\\b', 'instead of, replaces'],
  ['in one go', '\\bin one go\\b|\\bin clear\\b|\\bfor ever\\b|\\bby lot\\b', 'at once, unencrypted, permanently'],
  ['meanwhile', '\\bmeanwhile\\b', 'until then, while'],
  ['given up', '\\bgiv(?:en|es?|ing) up\\b|\\bgave up\\b', 'cancelled, abandoned, timed out'],
  ['hears', '\\b(?:hears?|heard|unheard)\\b', 'receives, accepts'],
  ['lacks', '\\black(?:s|ed|ing)\\b', 'has no, is missing'],
  ['lies in', '\\b(?:lies|lie|lay|lying) (?:in|on|there|at|below|between)\\b', 'is stored in, is in'],
  ['to its end', '\\b(?:to|at) (?:its|their|the) end\\b(?! of)', 'is completed, finishes'],
  ['at work', '\\bat work\\b|\\bunder way\\b', 'running, in progress'],
  ['all the same', '\\ball the same\\b', 'anyway'],
  ['knows no', '\\bknows? (?:no|none|nothing|neither)\\b', 'has no, does not support'],
  ['stood still', '\\bst(?:and|ands|ood) still\\b|\\bat rest\\b', 'was blocked, was idle'],
  ['farther', '\\b(?:farther|likewise|alike|eldest|therein)\\b', 'further, the same, oldest'],
  [
    'riddle',
    '(?:^|[.!?] )(?:What|Whatever|Whose|Of (?:a|an|the|those|what|each|all|it))\\b(?![^.]*\\?)',
    'the noun first',
  ],
]

/** In identifiers and file names, by their parts. */
const NAMES: readonly (readonly [string, RegExp, string])[] = [
  ['turn', /^turns?$/, 'slot'],
  ['room', /^rooms?$/, 'budget'],
  ['lane', /^lanes?$/, 'queue'],
  ['patience', /^(?:patience|patiently)$/, 'deadline, retry'],
  ['doubt', /^(?:doubts?|doubted)$/, 'paper check'],
  ['course', /^courses?$/, 'workflow'],
  ['stray', /^strays?$/, 'orphan'],
  ['told', /^(?:told|tells?)$/, 'reported'],
  ['mend', /^mend(?:s|ed|ing)?$/, 'remedy'],
  ['beside', /^besides?$/, 'other'],
  ['behind', /^behind$/, 'after'],
  ['lacking', /^(?:lacking|lacks)$/, 'missing'],
]

/** A riddle begins a sentence; the other words may be written in any case. */
const PATTERNS = WORDS.map(([word, source]) => ({
  word,
  pattern: new RegExp(source, word === 'riddle' ? 'gm' : 'gim'),
}))
/** A comment, a string, or a regular expression after a sign that it may follow. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|(?<=[=(,:[!&|?{};\n]\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g
const DECLARED = /\b(?:function\*?|class|const|let|type|interface)\s+([A-Za-z_$][\w$]*)/g
const TITLE = /(?:^|[^\w.])(?:test|it|describe)(?:\.\w+)*(?:\([^()]*\))?\(\s*$/

/** The plain words for each dialect word. */
export const PLAIN: ReadonlyMap<string, string> = new Map([...NAMES, ...WORDS].map(([word, , plain]) => [word, plain]))

/** Prose without code blocks and code in backticks. */
export function placesOfDocument(file: string, text: string): Place[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, blanked).replace(/`[^`\n]*`/g, blanked)
  return placesOfProse('docs', file, prose, 1)
}

/** Comments, messages (strings of at least two words) and declared names; of a test the titles alone. */
export function placesOfCode(file: string, text: string): Place[] {
  const isTest = file.startsWith('test/')
  const places: Place[] = []
  let from = 0
  const takeCode = (code: string): void => {
    if (isTest) return
    for (const { 1: name = '' } of code.matchAll(DECLARED)) places.push(...placesOfName(file, name))
  }
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const before = text.slice(from, index)
    takeCode(before)
    from = index + token.length
    const area = areaOf(token, before, isTest)
    if (area !== undefined) places.push(...placesOfProse(area, file, plainOf(token), lineAt(text, index)))
  }
  takeCode(text.slice(from))
  return isTest ? places : [...places, ...placesOfName(file, file.replace(/^.*\/|\.\w+$/g, ''))]
}

function areaOf(token: string, before: string, isTest: boolean): Area | undefined {
  const isComment = token.startsWith('//') || token.startsWith('/*')
  if (isTest) return !isComment && token[0] !== '/' && TITLE.test(before) ? 'tests' : undefined
  if (isComment) return 'comments'
  return token[0] !== '/' && /\p{L}{2,} \p{L}/u.test(token) ? 'messages' : undefined
}

/** Without the marks of a comment or string, and without placeholders: `${…}` of code, `{name}` of a table of texts. */
function plainOf(token: string): string {
  if (token[0] === '/') return token.replace(/^\/[/*]+ ?|\*\/$/g, '').replace(/^\s*\*? ?/gm, '')
  return token.slice(1, -1).replace(/\$?\{[^}]*\}/g, 'X')
}

function placesOfProse(area: Area, file: string, text: string, firstLine: number): Place[] {
  return PATTERNS.flatMap(({ word, pattern }) =>
    [...text.matchAll(pattern)].map(({ index }) => ({ area, word, file, line: firstLine + lineAt(text, index) - 1 })),
  )
}

function placesOfName(file: string, name: string): Place[] {
  const parts = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_-]+/)
  const words = NAMES.filter(([, pattern]) => parts.some((part) => pattern.test(part)))
  return words.map(([word]) => ({ area: 'names', word, file, line: 1 }))
}

function blanked(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
