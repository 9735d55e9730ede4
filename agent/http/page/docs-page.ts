import type { Json } from '../../../base/canonical.ts'
import type { JsonObject } from '../../contract/json-schema.ts'
import { escapeHtml } from '../../receipts/xml.ts'
import { frame } from './frame.ts'
import { describedType, schemaSection, typeOf } from './schema-section.ts'
import { list, members, text, words } from './tree.ts'

/** The OpenAPI document as one page for phones and paper: no script, no further requests. */
export function docsPage(document: JsonObject): string {
  const info = members(document['info'])
  const title = text(info['title'])
  const tags = list(document['tags']).map(members)
  const nav = tags.map((tag) => `<a href="#tag-${anchor(text(tag['name']))}">${escapeHtml(text(tag['name']))}</a>`)
  const sections = tags.map((tag) => tagSection(tag, members(document['paths'])))
  return frame(
    `${title} reference`,
    `<h1>${escapeHtml(title)} ${escapeHtml(text(info['version']))}</h1>
${prose(text(info['description']))}
<p class="note">The same as <a href="/openapi-json">OpenAPI 3.1</a>. Money is a decimal string, time is RFC 3339, refusals have a stable <code>code</code>.</p>
<nav>${nav.join('')}<a href="#schemas">Schemas</a></nav>
${sections.join('\n')}
${schemaSection(members(members(document['components'])['schemas']))}`,
  )
}

/** Paragraphs of Markdown. */
function prose(markdown: string): string {
  return `<p>${words(markdown).replaceAll(/\n\n/g, '</p>\n<p>')}</p>`
}

function tagSection(tag: JsonObject, paths: JsonObject): string {
  const name = text(tag['name'])
  const rows: string[] = []
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(members(item))) {
      const row = members(operation)
      if (list(row['tags']).includes(name)) rows.push(operationDetails(method, path, row))
    }
  }
  return `<h2 id="tag-${anchor(name)}">${escapeHtml(name)}</h2>
<p>${escapeHtml(text(tag['description']))}</p>
${rows.join('\n')}`
}

function operationDetails(method: string, path: string, operation: JsonObject): string {
  const body = bodyType(operation['requestBody'])
  return `<details id="${escapeHtml(text(operation['operationId']))}"><summary><code><span class="method">${method.toUpperCase()}</span> ${escapeHtml(path)}</code><br><span>${words(text(operation['summary']))}</span></summary>
<p>${keys(operation['security'])}</p>
${parameterTable(list(operation['parameters']).map(members))}${body === '' ? '' : `<p>Body: ${body}</p>\n`}${responseTable(members(operation['responses']))}
</details>`
}

function keys(security: Json | undefined): string {
  const schemes = list(security).flatMap((scheme) => Object.keys(members(scheme)))
  if (schemes.length === 0) return 'No key.'
  return schemes.length === 1 ? 'Platform key.' : 'Platform key, or the key of the register concerned.'
}

function parameterTable(parameters: readonly JsonObject[]): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map(
    (parameter) =>
      `<tr><td><code>${escapeHtml(text(parameter['name']))}</code></td><td>${text(parameter['in'])}${parameter['required'] === true ? ', required' : ''}</td><td>${describedType(members(parameter['schema']), parameter['description'])}</td></tr>`,
  )
  return `<table>${rows.join('')}</table>\n`
}

function responseTable(responses: JsonObject): string {
  const rows = Object.entries(responses).map(([status, response]) => {
    const answer = members(response)
    const isRefusal = Number(status) >= 400
    const description = text(answer['description'])
    const type = isRefusal ? '' : bodyType(answer)
    return `<tr><td>${status}</td><td>${isRefusal ? codes(description) : words(description)}</td><td>${type}${headers(answer)}</td></tr>`
  })
  return `<table>${rows.join('')}</table>`
}

function headers(answer: JsonObject): string {
  const names = Object.keys(members(answer['headers'])).map((name) => `<code>${escapeHtml(name)}</code>`)
  return names.length === 0 ? '' : ` Headers: ${names.join(', ')}`
}

/** Turns error codes in backquotes into links to their explanation. */
function codes(description: string): string {
  return escapeHtml(description).replaceAll(/`(\w+)`/g, '<a href="/errors/$1"><code>$1</code></a>')
}

function bodyType(holder: Json | undefined): string {
  const content = Object.entries(members(members(holder)['content']))
  return content
    .map(([mediaType, media]) =>
      mediaType === 'application/json' ? typeOf(members(members(media)['schema'])) : mediaType,
    )
    .join(' or ')
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}
