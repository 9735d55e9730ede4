/** The steps of the duties of RKSV. The words of FinanzOnline stay German. */
export const AUSTRIAN_INSTRUCTIONS = {
  // FinanzOnline.
  'Beginn: {}.': { de: 'Beginn: {}.', it: 'Beginn (inizio): {}.' },
  'Ende: {}.': { de: 'Ende: {}.', it: 'Ende (fine): {}.' },
  'Begründung: theft or loss.': {
    de: 'Begründung: Diebstahl oder Verlust.',
    it: 'Begründung (motivo): furto o smarrimento.',
  },
  'Begründung: defective.': { de: 'Begründung: Defekt.', it: 'Begründung (motivo): guasto.' },
  'Begründung: another one.': { de: 'Begründung: sonstige.', it: 'Begründung (motivo): altro.' },
  'State the reason (Begründung) there.': {
    de: 'Dort die Begründung angeben.',
    it: 'Indicare lì il motivo (Begründung).',
  },
  'Report its end there, too.': { de: 'Dort auch das Ende melden.', it: 'Comunicare lì anche la fine.' },
  // Signature units.
  'Its end of {} was reported in FinanzOnline, and it signs again since {}.': {
    de: 'Ihre Außerbetriebnahme am {} wurde in FinanzOnline gemeldet. Sie signiert wieder seit {}.',
    it: 'La sua cessazione del {} è stata comunicata in FinanzOnline. Firma di nuovo dal {}.',
  },
  'If FinanzOnline no longer accepts it, replace the unit: fiskal-edge device init {}.': {
    de: 'Nimmt FinanzOnline sie nicht mehr an, die Signatureinheit tauschen: fiskal-edge device init {}.',
    it: 'Se FinanzOnline non lo accetta più, sostituire il dispositivo di firma: fiskal-edge device init {}.',
  },
  'Now {} signs.': { de: 'Jetzt signiert {}.', it: 'Ora firma {}.' },
  'The configuration no longer has {}. Its last known change of state: {}.': {
    de: '{} steht nicht mehr in der Konfiguration. Letzter bekannter Zustandswechsel: {}.',
    it: '{} non è più nella configurazione. Ultimo cambio di stato noto: {}.',
  },
  'To let the unit sign again, put it back there: then this duty ends automatically.': {
    de: 'Soll die Signatureinheit wieder signieren, sie dort wieder eintragen. Dann endet diese Aufgabe automatisch.',
    it: 'Se il dispositivo deve firmare di nuovo, reinserirlo lì. Allora questo compito termina automaticamente.',
  },
  'Its certificate {} was issued to "{}": no merchant of this agent has that number.': {
    de: 'Ihr Zertifikat {} ist auf „{}“ ausgestellt: Kein Unternehmen dieses Agenten hat diese Nummer.',
    it: 'Il suo certificato {} è intestato a "{}": nessun esercente di questo agente ha quel numero.',
  },
  'If the number of the merchant is a typing error, correct it: PATCH /v1/merchants/{id} with reason "correction".': {
    de: 'Ist die Nummer des Unternehmens falsch eingetippt, sie berichtigen: PATCH /v1/merchants/{id} mit reason "correction".',
    it: 'Se il numero dell’esercente è un errore di battitura, correggerlo: PATCH /v1/merchants/{id} con reason "correction".',
  },
  'Another company has its own units and registers: end these registers (Schlussbeleg, end in FinanzOnline), then create another merchant, and for its registers signature units with its UID.':
    {
      de: 'Ein anderes Unternehmen hat eigene Signatureinheiten und Kassen: Diese Kassen beenden (Schlussbeleg, Außerbetriebnahme in FinanzOnline). Dann ein weiteres Unternehmen anlegen und für seine Kassen Signatureinheiten mit seiner UID.',
      it: 'Un’altra impresa ha dispositivi di firma e casse propri: cessare queste casse (Schlussbeleg, cessazione in FinanzOnline). Poi creare un altro esercente e, per le sue casse, dispositivi di firma con la sua UID.',
    },
  'The certificate ends on {}: an expired one can no longer be registered in FinanzOnline.': {
    de: 'Das Zertifikat endet am {}: Ein abgelaufenes kann in FinanzOnline nicht mehr registriert werden.',
    it: 'Il certificato scade il {}: uno scaduto non può più essere registrato in FinanzOnline.',
  },
  'The card {} ({}) is a {}.': { de: 'Die Karte {} ({}) ist eine {}.', it: 'La smart card {} ({}) è una {}.' },
  'It must be out of use by the due date (ministry of finance).': {
    de: 'Sie muss bis zu diesem Tag außer Betrieb sein (Finanzministerium).',
    it: 'Deve essere fuori uso entro quella data (ministero delle finanze).',
  },
  'If it was bought as ACOS-ID 4.1, confirm this duty.': {
    de: 'Wurde sie als ACOS-ID 4.1 gekauft, diese Aufgabe bestätigen.',
    it: 'Se è stata acquistata come ACOS-ID 4.1, confermare questo compito.',
  },
  'It is expected to have to go by the due date: ask its provider.': {
    de: 'Sie muss voraussichtlich bis zu diesem Tag weg: beim Anbieter nachfragen.',
    it: 'Probabilmente va sostituita entro quella data: chiedere al suo fornitore.',
  },
  'Order a new card now: providers take weeks.': {
    de: 'Jetzt eine neue Karte bestellen: Die Lieferung dauert Wochen.',
    it: 'Ordinare subito una nuova smart card: la consegna richiede settimane.',
  },
  'Put the new card into the reader, then: fiskal-edge device init {}. Each step: docs/technician.md, "A new signature card".':
    {
      de: 'Die neue Karte in den Leser stecken, dann: fiskal-edge device init {}. Jeder Schritt: docs/technician.md, "A new signature card".',
      it: 'Inserire la nuova smart card nel lettore, poi: fiskal-edge device init {}. Ogni passo: docs/technician.md, "A new signature card".',
    },
  // Registers.
  'Register the signature unit first.': {
    de: 'Zuerst die Signatureinheit registrieren.',
    it: 'Registrare prima il dispositivo di firma.',
  },
  'Benutzerschlüssel with check value {}.': {
    de: 'Benutzerschlüssel mit Prüfwert {}.',
    it: 'Benutzerschlüssel (chiave AES) con valore di controllo {}.',
  },
  'The Benutzerschlüssel is lost: its check value is unknown.': {
    de: 'Der Benutzerschlüssel ist verloren, sein Prüfwert unbekannt.',
    it: 'Il Benutzerschlüssel (chiave AES) è perso: il suo valore di controllo non è noto.',
  },
  'fiskal-edge export rksv_crypto --register {} --out FILE writes the key (base64AESKey); delete the file afterwards.':
    {
      de: 'fiskal-edge export rksv_crypto --register {} --out FILE schreibt den Schlüssel (base64AESKey). Danach die Datei löschen.',
      it: 'fiskal-edge export rksv_crypto --register {} --out FILE scrive la chiave (base64AESKey). Poi eliminare il file.',
    },
  'Scan this code with the app BMF Belegcheck or type it in at FinanzOnline, and keep the result 7 years:': {
    de: 'Diesen Code mit der App BMF Belegcheck scannen oder in FinanzOnline eingeben und das Ergebnis 7 Jahre aufbewahren:',
    it: 'Scansionare questo codice con l’app BMF Belegcheck o inserirlo in FinanzOnline, e conservare il risultato per 7 anni:',
  },
  'Stop the agent, then: fiskal-edge restore FILE --keys-only, with a backup that holds the keys.': {
    de: 'Den Agenten anhalten, dann: fiskal-edge restore FILE --keys-only, mit einer Sicherung, die die Schlüssel enthält.',
    it: 'Fermare l’agente, poi: fiskal-edge restore FILE --keys-only, con una copia che contiene le chiavi.',
  },
  'If no backup has the key, the register can record nothing more: decommission it, report its end in FinanzOnline, and create a new one.':
    {
      de: 'Hat keine Sicherung den Schlüssel, kann die Kasse nichts mehr erfassen: sie außer Betrieb nehmen, das in FinanzOnline melden und eine neue anlegen.',
      it: 'Se nessuna copia ha la chiave, la cassa non può più registrare nulla: metterla fuori uso, comunicarne la cessazione in FinanzOnline e crearne una nuova.',
    },
  'The next receipt of the register makes it, too.': {
    de: 'Der nächste Beleg der Kasse erstellt ihn mit.',
    it: 'Anche il prossimo scontrino della cassa lo emette.',
  },
  'Without one: restart the agent while the signature unit is connected, or ask for an annual closing at the till (POST /v1/registers/{id}/closings).':
    {
      de: 'Kommt keiner: den Agenten neu starten, während die Signatureinheit angeschlossen ist, oder an der Kasse einen Jahresabschluss anfordern (POST /v1/registers/{id}/closings).',
      it: 'Se non ne segue alcuno: riavviare l’agente con il dispositivo di firma collegato, o richiedere alla cassa una chiusura annuale (POST /v1/registers/{id}/closings).',
    },
  'Print the Schlussbeleg and keep it 7 years.': {
    de: 'Den Schlussbeleg drucken und 7 Jahre aufbewahren.',
    it: 'Stampare lo Schlussbeleg e conservarlo per 7 anni.',
  },
  'Its last receipts or its AES key are lost: there is no Schlussbeleg.': {
    de: 'Ihre letzten Belege oder ihr AES-Schlüssel sind verloren: Es gibt keinen Schlussbeleg.',
    it: 'I suoi ultimi scontrini o la sua chiave AES sono persi: non c’è alcuno Schlussbeleg.',
  },
  'No signature unit signed: the Schlussbeleg could not be made. The agent makes it when a unit signs again.': {
    de: 'Keine Signatureinheit hat signiert: Der Schlussbeleg fehlt. Der Agent erstellt ihn, sobald wieder eine signiert.',
    it: 'Nessun dispositivo di firma ha firmato: manca lo Schlussbeleg. L’agente lo emette appena uno firma di nuovo.',
  },
  'The Sammelbeleg of the receipts {} to {} is missing, too: the agent makes it before.': {
    de: 'Auch der Sammelbeleg der Belege {} bis {} fehlt: Der Agent erstellt ihn davor.',
    it: 'Manca anche il Sammelbeleg degli scontrini da {} a {}: l’agente lo emette prima.',
  },
  '{} has made receipts since it was reported as failed, the last one at {}: the outage is over.': {
    de: '{} hat seit der Meldung des Ausfalls Belege erstellt, zuletzt am {}: Der Ausfall ist vorbei.',
    it: '{} ha emesso scontrini dopo la comunicazione del guasto, l’ultimo il {}: il guasto è finito.',
  },
  'State when it ended: {}': { de: 'Angeben, wann er endete: {}', it: 'Indicare quando è finito: {}' },
  // The data collection protocol.
  'Export it to an external medium and keep it 7 years: fiskal-edge export dep7 --register {} --out FILE': {
    de: 'Es auf ein externes Medium exportieren und 7 Jahre aufbewahren: fiskal-edge export dep7 --register {} --out FILE',
    it: 'Esportarlo su un supporto esterno e conservarlo per 7 anni: fiskal-edge export dep7 --register {} --out FILE',
  },
  'The agent cannot write to {}: {}.': {
    de: 'Der Agent kann nicht nach {} schreiben: {}.',
    it: 'L’agente non può scrivere in {}: {}.',
  },
  'Check the folder of "rksv.dep131" in the configuration, its disk and its rights.': {
    de: 'Den Ordner von „rksv.dep131“ in der Konfiguration prüfen, seine Platte und seine Rechte.',
    it: 'Controllare la cartella di "rksv.dep131" nella configurazione, il suo disco e i suoi permessi.',
  },
  'The agent retries every ten minutes and continues where it stopped; then this duty ends automatically.': {
    de: 'Der Agent versucht es alle zehn Minuten und setzt dort fort, wo er aufhörte. Dann endet diese Aufgabe automatisch.',
    it: 'L’agente riprova ogni dieci minuti e continua da dove si è fermato. Allora questo compito termina automaticamente.',
  },
  'Austria: missing receipts break the chain of their register. Stop that till, end the register and make a new one; report the failure in FinanzOnline.':
    {
      de: 'Österreich: Fehlende Belege unterbrechen die Kette ihrer Kasse. Diese Kasse anhalten, außer Betrieb nehmen und eine neue anlegen; den Ausfall in FinanzOnline melden.',
      it: 'Austria: gli scontrini mancanti interrompono la catena della loro cassa. Fermare quella cassa, metterla fuori uso e crearne una nuova; comunicare il guasto in FinanzOnline.',
    },
} as const
