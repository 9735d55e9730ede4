/** An element of an XML document without mixed content: its text, or its children. */
export type XmlElement = { name: string; text: string; children: XmlElement[] }

const ELEMENTS_MAX = 100_000
const DEPTH_MAX = 32
const ENTITIES = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }))

export class XmlError extends Error {
  override readonly name = 'XmlError'
}

/**
 * Reads elements and text; comments, processing instructions and one DOCTYPE before the root are passed over. Attributes
 * are refused, and so is what makes entities of its own: the reader of an auditor would put them in, and see another
 * document than this one does. Throws XmlError.
 */
export function readXml(document: string): XmlElement {
  const top: XmlElement = { name: '', text: '', children: [] }
  const open: XmlElement[] = [top]
  // A comment without an end is none, and is looked at once: else a megabyte of them would take hours.
  const token = /<!--[\s\S]*?-->|<\?[^>]*>|(<!DOCTYPE\s[^[>]*>)|<\/([^\s>]+)\s*>|<(?!!)([^\s/>]+)\s*(\/?)>|([^<]+)/y
  let hasDoctype = false
  for (let count = 0; token.lastIndex < document.length; count++) {
    const at = token.lastIndex
    const match = token.exec(document)
    if (match === null || count > ELEMENTS_MAX) throw new XmlError(`no XML at character ${at}`)
    const isDoctype = match[1] !== undefined
    if (isDoctype && (hasDoctype || top.children.length > 0)) throw new XmlError(`a DOCTYPE at character ${at}`)
    hasDoctype ||= isDoctype
    step(open, match)
  }
  const [root, ...more] = top.children
  if (open.length !== 1 || root === undefined || more.length > 0) throw new XmlError('exactly one root is wanted')
  if (top.text.trim() !== '') throw new XmlError('there is text beside the root')
  return root
}

function step(open: XmlElement[], match: RegExpExecArray): void {
  const [, , end, start, empty, text] = match
  const current = open.at(-1)
  if (current === undefined || open.length > DEPTH_MAX) throw new XmlError('the elements are not nested')
  if (end !== undefined) {
    if (current.name !== end || open.length === 1) throw new XmlError(`</${end}> closes <${current.name}>`)
    open.pop()
  } else if (start !== undefined) {
    const element = { name: start, text: '', children: [] }
    current.children.push(element)
    if (empty === '') open.push(element)
  } else if (text !== undefined) current.text += unescaped(text)
}

function unescaped(text: string): string {
  return text.replace(/&(?:(#x[0-9a-fA-F]{1,6}|#\d{1,7}|\w{1,8});)?/g, (whole, name = '') => {
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    if (name.startsWith('#') && code <= 0x10ffff) return String.fromCodePoint(code)
    const character = ENTITIES.get(name)
    if (character === undefined) throw new XmlError(`${whole} stands for nothing in XML`)
    return character
  })
}

export function childText(element: XmlElement | undefined, name: string): string | undefined {
  return element?.children.find((child) => child.name === name)?.text
}
