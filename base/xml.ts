import { SaxesParser } from 'saxes'

/**
 * An element of an XML document. `name`: the local name, `namespace`: empty without one; `attributes` by their names as
 * they are written, with the declarations of namespaces; `text`: its own, without that of its children.
 */
export type XmlElement = {
  name: string
  namespace: string
  attributes: ReadonlyMap<string, string>
  children: XmlElement[]
  text: string
}

/** `characters` of the document, `elements` in it, `depth` in levels. A document that has more is refused. */
export type XmlLimits = { characters: number; elements: number; depth: number }

/** Parts that a few documents have and others must not have. */
export type XmlForm = {
  /** Permit a DOCTYPE without declarations, as published files name their DTD. Default: it is refused. */
  namesDtd?: boolean
  /** Refuse CDATA. Default: it is text. */
  noCdata?: boolean
}

export class XmlError extends Error {
  override readonly name = 'XmlError'
}

/**
 * Reads a well-formed XML 1.0 document with namespaces; comments and processing instructions are skipped. It knows the
 * five entities of XML and numeric references, and follows no reference to another document. Bytes must be UTF-8; a
 * declaration must name no other encoding. Throws XmlError.
 */
export function readXml(document: string | Uint8Array, limits: XmlLimits, form: XmlForm = {}): XmlElement {
  const text = typeof document === 'string' ? document : textOfBytes(document)
  if (text.length > limits.characters) throw new XmlError(`more than ${limits.characters} characters`)
  const parser = new SaxesParser({ xmlns: true, defaultXMLVersion: '1.0', forceXMLVersion: true })
  const refuse = (what: string): never => {
    throw new XmlError(`${parser.line}:${parser.column}: ${what}`)
  }
  const top: XmlElement = newElement('', '')
  const open = [top]
  let count = 0
  parser.on('error', ({ message }) => {
    // A reason, not a sentence, as the others: the caller ends it.
    throw new XmlError(message.replace(/\.$/, ''))
  })
  // The parser itself does not look at it.
  parser.on('xmldecl', ({ encoding = 'utf-8' }) => {
    if (encoding.toLowerCase() !== 'utf-8') refuse('the encoding is not UTF-8')
  })
  parser.on('doctype', (declared) => {
    if (form.namesDtd !== true) refuse('there is a DOCTYPE')
    if (declared.includes('[')) refuse('the DOCTYPE has declarations')
  })
  parser.on('opentag', ({ local, uri, attributes }) => {
    if (++count > limits.elements || open.length > limits.depth) refuse('too many elements')
    const element = newElement(local, uri)
    const written = Object.entries(attributes)
    if (written.length > 0) element.attributes = new Map(written.map(([name, { value }]) => [name, value]))
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => open.pop())
  const addText = (more: string) => {
    const current = open.at(-1)
    if (current !== undefined) current.text += more
  }
  parser.on('text', addText)
  parser.on('cdata', (more) => (form.noCdata === true ? refuse('CDATA is not read') : addText(more)))
  parser.write(text).close()
  return top.children[0] ?? refuse('there is no root')
}

/** The first child of that local name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name)
}

export function childText(element: XmlElement | undefined, name: string): string | undefined {
  return childOf(element, name)?.text
}

/** The first element of that local name, in the order of the document: the element itself or one below it. */
export function firstNamed(element: XmlElement, name: string): XmlElement | undefined {
  if (element.name === name) return element
  for (const child of element.children) {
    const found = firstNamed(child, name)
    if (found !== undefined) return found
  }
  return undefined
}

/** Text in content and in attributes of double quotes. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()

function newElement(name: string, namespace: string): XmlElement {
  return { name, namespace, attributes: NO_ATTRIBUTES, children: [], text: '' }
}

function textOfBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new XmlError('the bytes are not UTF-8')
  }
}
