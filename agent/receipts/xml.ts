import { printable } from './layout.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as the text or an attribute of HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

/** Text of a receipt as the text or an attribute of HTML or SVG. */
export function escapeXml(text: string): string {
  return escapeHtml(printable(text))
}
