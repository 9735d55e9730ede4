import type { Json } from '../../../base/canonical.ts'
import type { JsonObject } from '../../contract/json-schema.ts'
import { escapeHtml } from '../../receipts/xml.ts'
import { frame } from './frame.ts'
import { describedType, schemaSection, typeOf } from './schema-section.ts'
import { anchor, headingLinks, linkTo, list, members, prose, resolved, text, words } from './tree.ts'

/** The OpenAPI document as one page for phones and paper: no script, no further requests. */
export function docsPage(document: JsonObject): string {
  const info = members(document['info'])
  const title = text(info['title'])
  const tags = list(document['tags']).map(members)
  const nav = tags.map((tag) => linkTo('tag', text(tag['name'])))
  const guide = text(info['description'])
  const sections = tags.map((tag) => tagSection(tag, document))
  const components = members(document['components'])
  return frame(
    `${title} reference`,
    `<h1>${escapeHtml(title)} ${escapeHtml(text(info['version']))}</h1>
<p class="note">The same as <a href="/openapi-json">OpenAPI 3.1</a>. Money is a decimal string, time is RFC 3339, refusals have a stable <code>code</code>.</p>
<p>Operations</p>
<nav>${nav.join('')}<a href="#refusals">Refusals</a><a href="#schemas">Schemas</a></nav>
<p>Guide</p>
<nav>${headingLinks(guide)}</nav>
${prose(guide)}
${sections.join('\n')}
${refusalSection(members(components['responses']))}
${schemaSection(members(components['schemas']))}`,
  )
}

function tagSection(tag: JsonObject, document: JsonObject): string {
  const name = text(tag['name'])
  const rows: string[] = []
  for (const [path, item] of Object.entries(members(document['paths']))) {
    for (const [method, operation] of Object.entries(members(item))) {
      const row = members(operation)
      if (list(row['tags']).includes(name)) rows.push(operationDetails(method, path, row, document))
    }
  }
  return `<h2 id="tag-${anchor(name)}">${escapeHtml(name)}</h2>
<p>${escapeHtml(text(tag['description']))}</p>
${rows.join('\n')}`
}

function operationDetails(method: string, path: string, operation: JsonObject, document: JsonObject): string {
  const parameters = list(operation['parameters']).map((each) => resolved(document, each))
  const body = bodyType(operation['requestBody'])
  return `<details id="${escapeHtml(text(operation['operationId']))}"><summary><code><span class="method">${method.toUpperCase()}</span> ${escapeHtml(path)}</code><br><span>${words(text(operation['summary']))}</span></summary>
<p>${keys(operation['security'])}</p>
${prose(text(operation['description']))}
${parameterTable(parameters)}${body === '' ? '' : `<p>Body: ${body}</p>\n`}${responseTable(members(operation['responses']), document)}
</details>`
}

function keys(security: Json | undefined): string {
  const schemes = list(security).map((scheme) => Object.keys(members(scheme)))
  if (schemes.length === 0) return 'No key.'
  if (schemes.length === 1) return 'Platform key.'
  const needsNone = schemes.some((names) => names.length === 0)
  return `Platform key, or the key of the register concerned${needsNone ? ', or a signed link without a key' : ''}.`
}

function parameterTable(parameters: readonly JsonObject[]): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map(
    (parameter) =>
      `<tr><td><code>${escapeHtml(text(parameter['name']))}</code></td><td>${text(parameter['in'])}${parameter['required'] === true ? ', required' : ''}</td><td>${describedType(members(parameter['schema']), parameter['description'])}${exampleOf(parameter['example'])}</td></tr>`,
  )
  return `<table class="members">${rows.join('')}</table>\n`
}

function exampleOf(example: Json | undefined): string {
  const shown = String(example ?? '')
  return shown === '' ? '' : ` Example: <code>${escapeHtml(shown)}</code>`
}

/** Refusals are the same for all operations, and the codes of each are in its description. */
function responseTable(responses: JsonObject, document: JsonObject): string {
  const successes = Object.entries(responses).filter(([status]) => Number(status) < 400)
  const rows = successes.map(([status, response]) => {
    const answer = resolved(document, response)
    return `<tr><td>${status}</td><td>${words(text(answer['description']))}</td><td>${bodyType(answer)}${headers(answer)}</td></tr>`
  })
  return `<table>${rows.join('')}</table>`
}

function refusalSection(responses: JsonObject): string {
  const rows = Object.entries(responses).map(([name, response]) => {
    const answer = members(response)
    return `<tr><td>${escapeHtml(name)}</td><td>${words(text(answer['description']))}</td><td>${bodyType(answer)}${headers(answer)}</td></tr>`
  })
  return `<h2 id="refusals">Refusals</h2>\n<table class="members">${rows.join('')}</table>`
}

function headers(answer: JsonObject): string {
  const names = Object.keys(members(answer['headers'])).map((name) => `<code>${escapeHtml(name)}</code>`)
  return names.length === 0 ? '' : ` Headers: ${names.join(', ')}`
}

function bodyType(holder: Json | undefined): string {
  const content = Object.entries(members(members(holder)['content']))
  return content
    .map(([mediaType, media]) =>
      mediaType === 'application/json' ? typeOf(members(members(media)['schema'])) : mediaType,
    )
    .join(' or ')
}
