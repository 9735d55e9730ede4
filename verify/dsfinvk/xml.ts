import type { XmlElement } from '../../base/xml.ts'
import { readXml, XmlError } from '../../base/xml.ts'

/** All of its 20 tables have about 1,500. */
const limits = { characters: Number.POSITIVE_INFINITY, elements: 100_000, depth: 32 }

/**
 * Reads an index.xml: elements and text, and a DOCTYPE without declarations. Attributes, namespaces and CDATA are
 * refused: an auditor's reader would insert them, and see a different document. Throws XmlError.
 */
export function readIndex(document: string): XmlElement {
  const root = readXml(document, limits, { namesDtd: true, noCdata: true })
  refuseMore(root)
  return root
}

function refuseMore(element: XmlElement): void {
  if (element.attributes.size > 0) throw new XmlError(`<${element.name}> has attributes`)
  if (element.namespace !== '') throw new XmlError(`<${element.name}> has a namespace`)
  element.children.forEach(refuseMore)
}
