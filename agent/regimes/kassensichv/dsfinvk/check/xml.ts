/** An element of an XML document without mixed content: its text, or its children. */
export type XmlElement = { name: string; text: string; children: XmlElement[] }

const ELEMENTS_MAX = 100_000
const DEPTH_MAX = 32
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

export class XmlError extends Error {
  override readonly name = 'XmlError'
}

/** Reads elements and text; attributes are refused, comments and declarations passed over. Throws XmlError. */
export function readXml(document: string): XmlElement {
  const top: XmlElement = { name: '', text: '', children: [] }
  const open: XmlElement[] = [top]
  // A comment without an end is none, and is looked at once: else a megabyte of them would take hours.
  const token = /<!--[\s\S]*?-->|<(?!!--)[?!][^>]*>|<\/([^\s>]+)\s*>|<([^\s/>]+)\s*(\/?)>|([^<]+)/y
  for (let count = 0; token.lastIndex < document.length; count++) {
    const at = token.lastIndex
    const match = token.exec(document)
    if (match === null || count > ELEMENTS_MAX) throw new XmlError(`no XML at character ${at}`)
    step(open, match)
  }
  const [root, ...more] = top.children
  if (open.length !== 1 || root === undefined || more.length > 0) throw new XmlError('exactly one root is wanted')
  return root
}

function step(open: XmlElement[], match: RegExpExecArray): void {
  const [, end, start, empty, text] = match
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
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|\w{1,8});/g, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? whole
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

export function childText(element: XmlElement | undefined, name: string): string | undefined {
  return element?.children.find((child) => child.name === name)?.text
}
