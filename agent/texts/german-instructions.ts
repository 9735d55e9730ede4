/** The steps of the German duties. */
export const GERMAN_INSTRUCTIONS = {
  // The notice of § 146a Abs. 4 AO.
  new: { de: 'neu', it: 'nuova' },
  'no longer here': { de: 'nicht mehr hier', it: 'non più qui' },
  '{}: {}, since {}.': { de: '{}: {}, seit {}.', it: '{}: {}, dal {}.' },
  'Contradictory facts of {}: acquired on {}, after its first use on {}.': {
    de: 'Widersprüchliche Angaben zu {}: angeschafft am {}, nach der ersten Nutzung am {}.',
    it: 'Dati contraddittori di {}: acquistata il {}, dopo il primo uso del {}.',
  },
  'Missing of {}: {}. {}.': { de: 'Es fehlt für {}: {}. {}.', it: 'Manca per {}: {}. {}.' },
  'PATCH /v1/registers/{}: inventory.kind_code, 1 to 5, in doubt 1': {
    de: 'PATCH /v1/registers/{}: inventory.kind_code, 1 bis 5, im Zweifel 1',
    it: 'PATCH /v1/registers/{}: inventory.kind_code, da 1 a 5, nel dubbio 1',
  },
  'agent.json: inventory.{} of the device {}, then restart while it is connected': {
    de: 'agent.json: inventory.{} des Geräts {}, dann neu starten, während es angeschlossen ist',
    it: 'agent.json: inventory.{} del dispositivo {}, poi riavviare mentre è collegato',
  },
  'The place has no till of this agent any longer: the file has their ends, and the sheet the day of closing.': {
    de: 'Der Ort hat keine Kasse dieses Agenten mehr: Die Datei enthält ihre Außerbetriebnahmen, das Blatt den Tag der Schließung.',
    it: 'Il luogo non ha più casse di questo agente: il file riporta le loro cessazioni, il foglio il giorno della chiusura.',
  },
  'The TSE {} was retired before {} ended: the till could not be deregistered there, and need not be.': {
    de: 'Die TSE {} wurde vor dem Ende von {} außer Betrieb genommen: Die Kasse konnte dort nicht abgemeldet werden und muss es nicht.',
    it: 'La TSE {} è stata dismessa prima della fine di {}: la cassa non ha potuto esservi cancellata, e non è necessario.',
  },
  'Steuernummer: to be filled in. The merchant is recorded without one (`tax_number` is null), and the tax office asks for it.':
    {
      de: 'Steuernummer: noch einzutragen. Das Unternehmen ist ohne sie angelegt (`tax_number` ist null), und das Finanzamt verlangt sie.',
      it: 'Steuernummer: da inserire. L’esercente è registrato senza (`tax_number` è null), e l’ufficio delle imposte la richiede.',
    },
  'The file and all fields of the form: {}': {
    de: 'Die Datei und alle Felder des Formulars: {}',
    it: 'Il file e tutti i campi del modulo: {}',
  },
  'One notice has all tills of the place, spare ones too.': {
    de: 'Eine Mitteilung enthält alle Kassen des Ortes, auch Reservekassen.',
    it: 'Una comunicazione contiene tutte le casse del luogo, anche quelle di riserva.',
  },
  'When it is sent: fiskal-edge duty confirm {}': {
    de: 'Nach dem Absenden: fiskal-edge duty confirm {}',
    it: 'Dopo l’invio: fiskal-edge duty confirm {}',
  },
  // TSEs.
  'The certificate of the TSE {} ends on {}: receipts say "{}" from then on.': {
    de: 'Das Zertifikat der TSE {} endet am {}: Ab dann steht „{}“ auf den Belegen.',
    it: 'Il certificato della TSE {} scade il {}: da allora gli scontrini riportano "{}".',
  },
  'The certification of the TSE {} by the BSI ends on {}: it may not be used from then on, although it signs (§ 146a AO, AEAO 1.17).':
    {
      de: 'Die Zertifizierung der TSE {} durch das BSI endet am {}: Ab dann darf sie nicht mehr verwendet werden, obwohl sie signiert (§ 146a AO, AEAO 1.17).',
      it: 'La certificazione BSI della TSE {} scade il {}: da allora non può più essere usata, anche se firma (§ 146a AO, AEAO 1.17).',
    },
  'After the new one has arrived: fiskal-edge device archive {}, then fiskal-edge device retire {} --reason TEXT.': {
    de: 'Wenn die neue da ist: fiskal-edge device archive {}, dann fiskal-edge device retire {} --reason TEXT.',
    it: 'Quando è arrivata la nuova: fiskal-edge device archive {}, poi fiskal-edge device retire {} --reason TEXT.',
  },
  'Each step: docs/technician.md, "Exchange a TSE".': {
    de: 'Jeder Schritt: docs/technician.md, "Exchange a TSE".',
    it: 'Ogni passo: docs/technician.md, "Exchange a TSE".',
  },
  'The unit is still connected as {}, and no archive has all of its logs: fiskal-edge device archive {}': {
    de: 'Die TSE ist noch als {} angeschlossen, und kein Archiv enthält alle ihre Protokolle: fiskal-edge device archive {}',
    it: 'La TSE è ancora collegata come {}, e nessun archivio ha tutti i suoi log: fiskal-edge device archive {}',
  },
  'Then check the file: fiskal-edge verify FILE': {
    de: 'Dann die Datei prüfen: fiskal-edge verify FILE',
    it: 'Poi verificare il file: fiskal-edge verify FILE',
  },
  'State the reason: fiskal-edge duty confirm {} --reason TEXT. The audit report prints it.': {
    de: 'Den Grund angeben: fiskal-edge duty confirm {} --reason TEXT. Der Prüfbericht druckt ihn.',
    it: 'Indicare il motivo: fiskal-edge duty confirm {} --reason TEXT. Il rapporto di verifica lo stampa.',
  },
  // Events that are lost.
  'Germany: no receipt or Z number that may be on paper is given again. DSFinV-K, journal verify and audit name the numbers without a record.':
    {
      de: 'Deutschland: Keine Beleg- oder Z-Nummer, die auf Papier stehen kann, wird noch einmal vergeben. DSFinV-K, journal verify und audit nennen die Nummern ohne Aufzeichnung.',
      it: 'Germania: nessun numero di scontrino o di Z che può essere su carta viene assegnato di nuovo. DSFinV-K, journal verify e audit indicano i numeri senza registrazione.',
    },
  'Germany: "fiskal-edge device adopt ID" gives the next numbers to transactions that a TSE has signed. Their BON_NOTIZ names the numbers on paper; the DSFinV-K has them by VAT rate and payment.':
    {
      de: 'Deutschland: „fiskal-edge device adopt ID“ gibt Vorgängen, die eine TSE signiert hat, die nächsten Nummern. Ihre BON_NOTIZ nennt die Nummern auf dem Papier; die DSFinV-K enthält sie nach Steuersatz und Zahlart.',
      it: 'Germania: "fiskal-edge device adopt ID" dà i numeri successivi alle transazioni firmate da una TSE. La loro BON_NOTIZ indica i numeri su carta; la DSFinV-K le contiene per aliquota e pagamento.',
    },
  'Germany: receipts that no TSE signed are missing in the books: keep their paper, and report the loss to the tax office.':
    {
      de: 'Deutschland: Belege, die keine TSE signiert hat, fehlen in den Büchern: ihr Papier aufbewahren und den Verlust dem Finanzamt melden.',
      it: 'Germania: gli scontrini che nessuna TSE ha firmato mancano nei libri: conservarne la carta e comunicare la perdita all’ufficio delle imposte.',
    },
  'Germany: the first start took over what the TSE signed after the backup. Its numbers follow the signatures, and BON_NOTIZ has a remark.':
    {
      de: 'Deutschland: Der erste Start hat übernommen, was die TSE nach der Sicherung signiert hat. Die Nummern folgen den Signaturen, und BON_NOTIZ enthält einen Hinweis.',
      it: 'Germania: il primo avvio ha ripreso quanto la TSE ha firmato dopo la copia. I numeri seguono le firme, e BON_NOTIZ riporta una nota.',
    },
  'Germany: if the TSE did not answer then, the agent reports tse_ahead when it is back: "fiskal-edge device adopt ID" takes the rest over.':
    {
      de: 'Deutschland: Hat die TSE dabei nicht geantwortet, meldet der Agent tse_ahead, sobald sie wieder da ist: „fiskal-edge device adopt ID“ übernimmt den Rest.',
      it: 'Germania: se la TSE allora non ha risposto, l’agente segnala tse_ahead quando torna: "fiskal-edge device adopt ID" riprende il resto.',
    },
} as const
