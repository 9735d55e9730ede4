import type { Json } from '../../../base/canonical.ts'
import type { JsonObject } from '../../contract/json-schema.ts'
import { escapeHtml } from '../../receipts/xml.ts'

/** The members of a value of a foreign JSON document; none if it is missing or not an object. */
export function members(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

/** The object itself, or the one of the document that it refers to. */
export function resolved(document: JsonObject, value: Json | undefined): JsonObject {
  const reference = text(members(value)['$ref'])
  if (!reference.startsWith('#/')) return members(value)
  const steps = reference.slice(2).split('/')
  return steps.reduce((place, name) => members(place[name]), document)
}

/** Markdown of one paragraph as HTML: strong words, code, and links within the agent. */
export function words(markdown: string): string {
  return escapeHtml(markdown)
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\[([^\]]+)\]\((\/[\w/-]*)\)/g, '<a href="$2">$1</a>')
}

/** Markdown as HTML: headings, paragraphs, and tables with a head. */
export function prose(markdown: string): string {
  return partsOf(markdown)
    .map((part) => {
      if (part.startsWith(HEADING)) return headingOf(part.slice(HEADING.length))
      return part.startsWith('|') ? table(part.split('\n')) : `<p>${words(part)}</p>`
    })
    .join('\n')
}

const HEADING = '## '

/** Links to the headings that `prose` makes of the same text. */
export function headingLinks(markdown: string): string {
  const titles = partsOf(markdown).filter((part) => part.startsWith(HEADING))
  return titles.map((part) => linkTo('text', part.slice(HEADING.length))).join('')
}

function headingOf(title: string): string {
  return `<h2 id="text-${anchor(title)}">${words(title)}</h2>`
}

export function linkTo(kind: 'tag' | 'text', title: string): string {
  return `<a href="#${kind}-${anchor(title)}">${escapeHtml(title)}</a>`
}

export function anchor(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}

function partsOf(markdown: string): readonly string[] {
  return markdown === '' ? [] : markdown.split('\n\n')
}

/** The second line of a table in Markdown separates its head. */
function table([head = '', _line, ...rows]: readonly string[]): string {
  const row = (line: string, cell: string): string => {
    const cells = line.split('|').slice(1, -1)
    return `<tr>${cells.map((each) => `<${cell}>${words(each.trim())}</${cell}>`).join('')}</tr>`
  }
  return `<table>${row(head, 'th')}${rows.map((line) => row(line, 'td')).join('')}</table>`
}

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
