import { SaxesParser } from 'saxes'

/** An element of an XML document without mixed content: its text, or its children. */
export type XmlElement = { name: string; text: string; children: XmlElement[] }

const ELEMENTS_MAX = 100_000
const DEPTH_MAX = 32

export class XmlError extends Error {
  override readonly name = 'XmlError'
}

/**
 * Reads elements and text; comments, processing instructions and a DOCTYPE without declarations are skipped. Attributes,
 * CDATA and entities of the document itself are refused: an auditor's reader would insert them, and see a different
 * document. Throws XmlError.
 */
export function readXml(document: string): XmlElement {
  const top: XmlElement = { name: '', text: '', children: [] }
  const open = [top]
  let count = 0
  const parser = new SaxesParser()
  const refuse = (what: string): never => {
    throw new XmlError(`${parser.line}:${parser.column}: ${what}`)
  }
  parser.on('error', ({ message }) => {
    throw new XmlError(message)
  })
  parser.on('doctype', (text) => text.includes('[') && refuse('the DOCTYPE has declarations'))
  parser.on('cdata', () => refuse('CDATA is not read'))
  parser.on('opentag', ({ name, attributes }) => {
    if (Object.keys(attributes).length > 0) refuse(`<${name}> has attributes`)
    if (++count > ELEMENTS_MAX || open.length > DEPTH_MAX) refuse('too many elements')
    const element = { name, text: '', children: [] }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => open.pop())
  parser.on('text', (text) => {
    const current = open.at(-1)
    if (current !== undefined) current.text += text
  })
  parser.write(document).close()
  return top.children[0] ?? refuse('there is no root')
}

export function childText(element: XmlElement | undefined, name: string): string | undefined {
  return element?.children.find((child) => child.name === name)?.text
}
