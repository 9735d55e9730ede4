import { join } from 'node:path'
import { localTime, parseRfc3339, SHOP_ZONE, writtenDay } from '../../../base/clock.ts'
import { said } from '../../../base/text.ts'
import type { Config } from '../../agent-config.ts'
import type { RecordedOutage } from '../../devices/outage-report.ts'
import type { Chapter, ProcedureTexts } from '../../laws/audit-rules.ts'
import { LAWS } from '../../laws/laws.ts'
import { escapeXml } from '../../receipts/xml.ts'
import type { AuditNotes } from '../../till/administration.ts'
import { NOTE_TEXTS } from './note-texts.ts'
import { beyondWords, correctionWords, drawerWords, voucherWords } from './note-words.ts'
import { nameIn, OUTAGE_HEAD, outageCells } from './outage-words.ts'

type Address = { line1: string; line2?: string; postal_code: string; city: string; country_code: string }

/** The agent's facts about the shop. */
export type Installation = {
  chain: string
  events: number
  first_event_at: string | null
  merchants: readonly {
    id: string
    legal_name: string
    address: Address
    fiscal_identities: readonly { country_code: string; tax_number?: string | null; vat_id?: string | null }[]
  }[]
  locations: readonly { id: string; name: string; address: Address; timezone: string }[]
  registers: readonly {
    id: string
    merchant_id: string
    location_id: string
    name: string
    fiscal_device: string | null
    fiscalization_status: string
    fiscalizedAt: string | null
    decommissionedAt: string | null
    fiscalization: { regime: string; client_id: string; tse_serial: string | null } | null
  }[]
  retired_tses: readonly { serial: string; retired_at: string; retirement: string | null }[]
  /** Ids of devices whose present TSE has signed for a register, now or before. */
  signing_tses: readonly string[]
  /** Serial numbers of units that signed and are not certified. */
  uncertified_units: readonly string[]
  /** As GET /v1/devices. */
  devices: readonly {
    id: string
    driver: string
    kind: string
    state: string
    serial: string | null
    health: { certificate_expires_at?: string; description?: string }
  }[]
}

export type ProcedureFacts = {
  installation: Installation
  config: Config
  version: string
  writtenAt: string
  /** Undefined if the agent could not return them. */
  notes?:
    | Pick<AuditNotes, 'returned_beyond_sale' | 'drawer_below_zero' | 'corrected_counts' | 'voucher_beyond_sale'>
    | undefined
  /** All recorded ones; undefined if the journal could not be read. */
  outages: readonly RecordedOutage[] | undefined
}

const STATES: ReadonlyMap<string, string> = new Map([
  ['ready', 'bereit'],
  ['degraded', 'bereit, mit Hinweis'],
  ['down', 'ausgefallen'],
  ['foreign', 'fremdes Gerät'],
])

type WithTexts = ProcedureFacts & { texts: ProcedureTexts }

const STYLE =
  'body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;width:100%;margin:.5em 0}' +
  'th,td{border:1px solid #999;padding:.25em .5em;text-align:left;vertical-align:top}td{overflow-wrap:anywhere}h2{margin-top:2em}'

/**
 * The Verfahrensdokumentation (GoBD Rz. 151 ff.) of this installation: how the program works, with the facts of the shop. It
 * lists what the shop must add. Undefined if no register has a law with texts of one.
 */
export async function procedureDocument(facts: ProcedureFacts): Promise<string | undefined> {
  const { registers } = facts.installation
  const law = LAWS.find(
    ({ name, audit }) =>
      audit?.procedure !== undefined && registers.some(({ fiscalization }) => fiscalization?.regime === name),
  )
  const texts = await law?.audit?.procedure?.(facts.config)
  return law === undefined || texts === undefined ? undefined : documentOf({ ...ofLaw(law, facts), texts })
}

/** Without the registers and devices of other laws. */
function ofLaw({ name, deviceKinds }: (typeof LAWS)[number], facts: ProcedureFacts): ProcedureFacts {
  const { installation, outages } = facts
  const registers = installation.registers.filter(({ fiscalization }) => (fiscalization?.regime ?? name) === name)
  const isOwn = ({ kind }: Installation['devices'][number]): boolean => deviceKinds.some((own) => own === kind)
  const others = installation.devices.filter((device) => !isOwn(device)).map(({ id }) => id)
  return {
    ...facts,
    installation: { ...installation, registers, devices: installation.devices.filter(isOwn) },
    outages: outages?.filter(({ device }) => !others.includes(device)),
  }
}

function documentOf(facts: WithTexts): string {
  const sections = [
    aim(facts),
    company(facts),
    registers(facts),
    devices(facts),
    outages(facts),
    oddities(facts),
    ...facts.texts.recording,
    records(facts),
    keeping(facts),
    access(),
    ...facts.texts.handing,
    missing(),
  ]
  const body = localTimes(sections.map((section, index) => htmlOf(section, index + 1)).join('\n'))
  const title = 'Verfahrensdokumentation des Kassensystems'
  return (
    `<!doctype html>\n<html lang="de"><head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head><body>\n` +
    `<h1>${title}</h1>\n<p>Erzeugt am ${localTimes(escapeXml(facts.writtenAt))} aus den Daten der Anlage selbst, fiskal-edge ${escapeXml(facts.version)}.</p>\n` +
    `${body}\n</body></html>\n`
  )
}

/** Times by the clocks of the shop. */
function localTimes(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (time) => {
    const [day = '', clock] = localTime(parseRfc3339(time) ?? 0, SHOP_ZONE).split('T')
    return `${writtenDay(day, 'de')} ${clock}`
  })
}

function htmlOf({ title, paragraphs = [], table }: Chapter, number: number): string {
  const cells = (row: readonly string[], tag: 'th' | 'td') =>
    row.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')
  const rows = table?.rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n') ?? ''
  return [
    `<h2>${number}. ${escapeXml(title)}</h2>`,
    ...paragraphs.map((text) => `<p>${escapeXml(text)}</p>`),
    ...(table === undefined ? [] : [`<table><tr>${cells(table.head, 'th')}</tr>\n${rows}</table>`]),
  ].join('\n')
}

function placeOf({ line1, line2, postal_code, city, country_code }: Address): string {
  return [line1, line2, `${postal_code} ${city}`, country_code]
    .filter((part) => part !== undefined && part !== '')
    .join(', ')
}

function aim({ installation, version }: ProcedureFacts): Chapter {
  return {
    title: 'Gegenstand',
    paragraphs: [
      `Beschrieben ist der Weg eines Geschäftsvorfalls von der Kasse über die technische Sicherheitseinrichtung (TSE) bis zur Datenüberlassung. Die Kassen rufen ein Programm auf einem Rechner im Betrieb auf (fiskal-edge ${version}); es prüft, zeichnet auf, lässt signieren und bewahrt auf. Die Oberfläche der Kasse selbst ist nicht Teil dieses Programms.`,
      `Kennung der Aufzeichnung (Journal): ${installation.chain}. Erstes Ereignis: ${installation.first_event_at ?? 'keines'}. Ereignisse bis heute: ${installation.events}.`,
    ],
  }
}

function company({ installation }: ProcedureFacts): Chapter {
  return {
    title: 'Unternehmen und Standorte',
    table: {
      head: ['Art', 'Name', 'Anschrift', 'Steuernummer / USt-IdNr. / Zeitzone'],
      rows: [
        ...installation.merchants.map(({ legal_name, address, fiscal_identities }) => [
          'Unternehmen',
          legal_name,
          placeOf(address),
          fiscal_identities
            .flatMap(({ tax_number, vat_id }) => [tax_number, vat_id])
            .filter((part) => said(part) !== undefined)
            .join(' / '),
        ]),
        ...installation.locations.map(({ name, address, timezone }) => ['Standort', name, placeOf(address), timezone]),
      ],
    },
  }
}

function registers({ installation, texts }: WithTexts): Chapter {
  return {
    title: 'Elektronische Aufzeichnungssysteme',
    paragraphs: [texts.registers],
    table: {
      head: ['Kasse', 'Kennung', 'Seriennummer', 'Gerät', 'TSE', 'in Betrieb seit', 'außer Betrieb seit'],
      rows: installation.registers.map((register) => [
        register.name,
        register.id,
        register.fiscalization?.client_id ?? '–',
        register.fiscal_device ?? '–',
        register.fiscalization?.tse_serial ?? '–',
        register.fiscalizedAt ?? 'noch nicht',
        register.decommissionedAt ?? '–',
      ]),
    },
  }
}

function devices({ installation, texts }: WithTexts): Chapter {
  const marked = (serial: string): string =>
    installation.uncertified_units.includes(serial) ? `${serial}, NICHT ZERTIFIZIERT` : serial
  return {
    title: 'Sicherheitseinrichtungen',
    paragraphs: [texts.devices],
    table: {
      head: ['Gerät', 'Treiber', 'Seriennummer', 'Zustand', 'Zertifikat bis', 'Beschreibung'],
      rows: [
        ...installation.devices.map(({ id, driver, serial, state, health }) => [
          id,
          driver,
          serial === null ? '–' : marked(serial),
          STATES.get(state) ?? state,
          health.certificate_expires_at ?? '–',
          health.description ?? '–',
        ]),
        ...installation.retired_tses.map(({ serial, retired_at, retirement }) => [
          '–',
          '–',
          marked(serial),
          `außer Betrieb seit ${retired_at}`,
          '–',
          retirement ?? '–',
        ]),
      ],
    },
  }
}

function outages({ outages, installation, texts }: WithTexts): Chapter {
  const rows = (outages ?? []).map((outage) => outageCells(outage, nameIn(installation)))
  return {
    title: 'Ausfälle',
    paragraphs: [
      texts.outages,
      outages === undefined
        ? 'Ob Ausfälle aufgezeichnet sind, konnte nicht ermittelt werden: siehe den Prüfbericht.'
        : rows.length === 0
          ? 'Bisher ist kein Ausfall aufgezeichnet.'
          : 'Alle aufgezeichneten Ausfälle, mit den Belegen, die in ihnen ohne Signatur blieben. Ein Beleg ohne Signatur außerhalb eines Ausfalls des Geräts ist selbst einer, bis zur nächsten Signatur des Geräts:',
    ],
    ...(rows.length > 0 && { table: { head: OUTAGE_HEAD, rows } }),
  }
}

function oddities({ notes }: ProcedureFacts): Chapter {
  const { returned_beyond_sale: beyond = [], drawer_below_zero: drawers = [] } = notes ?? {}
  const { voucher_beyond_sale: vouchers = [], corrected_counts: corrections = [] } = notes ?? {}
  const rows = [
    ...beyond.map((one) => ['mehr zurückgegeben als verkauft', beyondWords(one, NOTE_TEXTS.de)]),
    ...drawers.map((one) => ['Soll-Bestand unter null', drawerWords(one, NOTE_TEXTS.de)]),
    ...corrections.map((one) => ['Kassensturz berichtigt', correctionWords(one, NOTE_TEXTS.de)]),
    ...vouchers.map((one) => ['mehr eingelöst als aufgeladen', voucherWords(one, NOTE_TEXTS.de)]),
  ]
  return {
    title: 'Auffälligkeiten',
    paragraphs: [
      'Das Programm weist keine Rückgabe ab, weil mehr zurückkommt, als verkauft wurde: Kein Gesetz verbietet sie. Es nennt sie im Tagesbericht und hier. Eine Entnahme aus der Kasse, die mehr ist als ihr Soll-Bestand, wird abgewiesen; eine bare Rückgabe nicht. Ein Gutschein, auf dem nicht mehr genug ist, wird angenommen und genannt; über Gutscheine, die nicht hier verkauft wurden, weiß das Programm nichts.',
      notes === undefined
        ? 'Ob im Zeitraum etwas aufgefallen ist, konnte nicht ermittelt werden: siehe den Prüfbericht.'
        : rows.length === 0
          ? 'Im Zeitraum ist nichts aufgefallen.'
          : 'Im Zeitraum ist aufgefallen:',
    ],
    ...(rows.length > 0 && { table: { head: ['Art', 'Vorgang'], rows } }),
  }
}

function records({ config }: ProcedureFacts): Chapter {
  return {
    title: 'Aufzeichnung und Unveränderbarkeit',
    paragraphs: [
      'Jedes Ereignis wird vor und nach jeder Handlung der TSE in ein Journal geschrieben, das nur wächst. Jedes Ereignis trägt die Prüfsumme (SHA-256) seines Vorgängers; Prüfpunkte sind mit einem eigenen Schlüssel signiert. Eine nachträgliche Änderung fällt bei der täglichen Prüfung, bei jedem Export und mit „fiskal-edge journal verify“ auf. Jede Antwort wird erst gegeben, wenn der Vorgang auf dem Datenträger gespeichert ist.',
      `Ort: ${config.state}. Zugriff hat nur der Benutzer, unter dem das Programm läuft.`,
    ],
  }
}

function keeping({ config, texts }: WithTexts): Chapter {
  const targets = config.sync.targets
  return {
    title: 'Aufbewahrung und Sicherung',
    paragraphs: [
      'Im Journal wird nichts gelöscht; abgeschlossene Monate können mit „fiskal-edge journal seal“ als schreibgeschützte Dateien ausgelagert werden, die in der Kette verankert sind.',
      texts.keeping,
      ...(config.backup.keep.daily === 0
        ? []
        : [`Sicherung: täglich, in ${config.backup.folder ?? join(config.state, 'backups')}.`]),
      targets.length === 0
        ? 'Eine laufende Übertragung an eine zweite Stelle ist nicht eingerichtet.'
        : 'Das Journal wird laufend an folgende Stellen übertragen, Ereignis für Ereignis mit Prüfsumme:',
    ],
    ...(targets.length > 0 && {
      table: { head: ['Ziel', 'Art'], rows: targets.map(({ id, kind }) => [id, kind]) },
    }),
  }
}

function access(): Chapter {
  return {
    title: 'Zugriffsschutz',
    paragraphs: [
      'Kassen und Verwaltung weisen sich mit Schlüsseln aus, die nur als Prüfsumme gespeichert sind und widerrufen werden können; der Schlüssel einer Kasse gilt nur für diese. Ausgabe und Widerruf stehen im Journal. Arbeiten an Geräten sind nur am Rechner selbst möglich.',
    ],
  }
}

function missing(): Chapter {
  return {
    title: 'Vom Unternehmen zu ergänzen',
    paragraphs: [
      'Diese Angaben kennt das Programm nicht: Bedienungs- und Programmieranleitung der Kassenoberfläche; Anweisungen an das Personal (Kassensturz, Wechselgeld, Storno, Trinkgeld); wer was darf; internes Kontrollsystem; Aufbewahrung der Papierbelege; Mitteilung nach § 146a Abs. 4 AO mit Datum; Aufbewahrungsort und Prüfung der Sicherungen; Ansprechpartner.',
    ],
  }
}
