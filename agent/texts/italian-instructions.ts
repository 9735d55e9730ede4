/** The steps of the Italian duties. The words of the portal stay Italian. */
export const ITALIAN_INSTRUCTIONS = {
  'Then confirm this duty.': { de: 'Dann diese Aufgabe bestätigen.', it: 'Poi confermare questo compito.' },
  // Paper of a printer.
  'The answer of the printer was lost. One more document was printed since, which was taken for this one.': {
    de: 'Die Antwort des Druckers ging verloren. Seither wurde ein weiteres Dokument gedruckt, das für dieses gehalten wurde.',
    it: 'La risposta della stampante è andata persa. Da allora è stato stampato un altro documento, preso per questo.',
  },
  'Check time and lines on its paper. If it was keyed in at the printer, this operation has no document.': {
    de: 'Uhrzeit und Zeilen auf seinem Papier prüfen. Wurde es am Drucker eingetippt, hat dieser Vorgang kein Dokument.',
    it: 'Controllare ora e righe sulla sua carta. Se è stato digitato alla stampante, questa operazione non ha un documento.',
  },
  'Then make its document at the keys of the printer, and note both numbers for the accountant.': {
    de: 'Dann das Dokument an den Tasten des Druckers erstellen und beide Nummern für den Steuerberater notieren.',
    it: 'Allora emettere il documento dalla tastiera della stampante e annotare i due numeri per il commercialista.',
  },
  'Annul that sale at the keys of the printer on the same day; later it is a matter for the accountant.': {
    de: 'Diesen Verkauf am selben Tag an den Tasten des Druckers annullieren; später ist es Sache des Steuerberaters.',
    it: 'Annullare quella vendita dalla tastiera della stampante lo stesso giorno; dopo se ne occupa il commercialista.',
  },
  'The return itself is not printed yet: the till completes it again.': {
    de: 'Die Rückgabe selbst ist noch nicht gedruckt: Die Kasse schließt sie noch einmal ab.',
    it: 'Il reso stesso non è ancora stampato: la cassa lo conclude di nuovo.',
  },
  'Look at its paper.': { de: 'Sein Papier ansehen.', it: 'Guardare la sua carta.' },
  'Printer {} was replaced before it reported whether it had printed: look at its paper first.': {
    de: 'Drucker {} wurde ersetzt, bevor er meldete, ob er gedruckt hatte: zuerst sein Papier ansehen.',
    it: 'La stampante {} è stata sostituita prima di comunicare se aveva stampato: guardare prima la sua carta.',
  },
  'Look for REF {}. If it exists and the operation was completed on the new printer, it is printed twice.': {
    de: 'REF {} suchen. Steht es dort und wurde der Vorgang auf dem neuen Drucker abgeschlossen, ist er doppelt gedruckt.',
    it: 'Cercare REF {}. Se c’è e l’operazione è stata conclusa sulla nuova stampante, è stampata due volte.',
  },
  'Then annul the first one at the keys of its printer on the same day; later it is a matter for the accountant.': {
    de: 'Dann das erste am selben Tag an den Tasten seines Druckers annullieren; später ist es Sache des Steuerberaters.',
    it: 'Allora annullare il primo lo stesso giorno dalla tastiera della sua stampante; dopo se ne occupa il commercialista.',
  },
  'Power was lost while the return was opened. It was printed as a sale, which was annulled at once.': {
    de: 'Der Strom fiel aus, als die Rückgabe begann. Sie wurde als Verkauf gedruckt, der sofort annulliert wurde.',
    it: 'È mancata la corrente all’apertura del reso. È stato stampato come vendita, subito annullata.',
  },
  'The return is not printed yet.': {
    de: 'Die Rückgabe ist noch nicht gedruckt.',
    it: 'Il reso non è ancora stampato.',
  },
  'The return was printed as {}.': {
    de: 'Die Rückgabe wurde als {} gedruckt.',
    it: 'Il reso è stato stampato come {}.',
  },
  'Keep the papers together for the accountant; nothing else is to be done.': {
    de: 'Die Papiere zusammen für den Steuerberater aufbewahren; sonst ist nichts zu tun.',
    it: 'Conservare insieme le carte per il commercialista; non c’è altro da fare.',
  },
  // Periods and the end of a printer.
  'It was exchanged on {} before its daily closing.': {
    de: 'Er wurde am {} vor seinem Tagesabschluss ausgetauscht.',
    it: 'È stata sostituita il {} prima della sua chiusura giornaliera.',
  },
  'Period of Z {}, not closed: {}, {} EUR.': {
    de: 'Zeitraum von Z {}, nicht abgeschlossen: {}, {} EUR.',
    it: 'Periodo della Z {}, non chiuso: {}, {} EUR.',
  },
  '1 document': { de: '1 Dokument', it: '1 documento' },
  '{} documents': { de: '{} Dokumente', it: '{} documenti' },
  'Connect it and make its daily closing (Z), at its keys or as a device of the agent. The closings of the new printer do not contain it.':
    {
      de: 'Ihn anschließen und seinen Tagesabschluss (Z) machen, an seinen Tasten oder als Gerät des Agenten. Die Abschlüsse des neuen Druckers enthalten ihn nicht.',
      it: 'Collegarla e fare la sua chiusura giornaliera (Z), dalla sua tastiera o come dispositivo dell’agente. Le chiusure della nuova stampante non la contengono.',
    },
  'If it is broken: state the sums at the portal (Fatture e Corrispettivi), then confirm this duty.': {
    de: 'Ist er defekt: die Summen im Portal melden (Fatture e Corrispettivi), dann diese Aufgabe bestätigen.',
    it: 'Se è guasta: dichiarare i totali sul portale (Fatture e Corrispettivi), poi confermare questo compito.',
  },
  'Register {}, the last one of the printer, ended on {}.': {
    de: 'Die Kasse {}, die letzte des Druckers, endete am {}.',
    it: 'La cassa {}, l’ultima della stampante, è cessata il {}.',
  },
  'The printer did not answer: its last Z could not be made. The agent makes it when the printer answers again.': {
    de: 'Der Drucker antwortete nicht: Sein letzter Abschluss (Z) fehlt. Der Agent macht ihn, sobald der Drucker wieder antwortet.',
    it: 'La stampante non ha risposto: manca la sua ultima Z. L’agente la fa quando la stampante risponde di nuovo.',
  },
  'If the printer is broken: first state "fuori servizio", by a technician or at the portal (Fatture e Corrispettivi), and the sums there.':
    {
      de: 'Ist der Drucker defekt: zuerst „fuori servizio“ melden, durch einen Techniker oder im Portal (Fatture e Corrispettivi), und dort die Summen.',
      it: 'Se la stampante è guasta: dichiarare prima "fuori servizio", tramite un tecnico o sul portale (Fatture e Corrispettivi), e lì i totali.',
    },
  'Disattivazione if another taxpayer or shop will use the printer, dismissione if it is not used again: by a technician at the printer, or at the portal.':
    {
      de: '„Disattivazione“, wenn ein anderes Unternehmen oder Geschäft den Drucker nutzen wird, „dismissione“, wenn er nicht mehr genutzt wird: durch einen Techniker am Drucker oder im Portal.',
      it: 'Disattivazione se un altro contribuente o negozio userà la stampante, dismissione se non sarà più usata: tramite un tecnico sulla stampante, o sul portale.',
    },
  // A rejected file.
  'The file of Z {} of {} was seen as rejected on {}: the office does not have its sums.': {
    de: 'Die Datei von Z {} vom {} war am {} abgelehnt: Das Finanzamt hat ihre Summen nicht.',
    it: 'Il file della Z {} del {} risultava scartato il {}: l’Agenzia non ha i suoi totali.',
  },
  'Open Fatture e Corrispettivi, "Ricevute file corrispettivi telematici": the receipt of the file names the reason.': {
    de: 'Fatture e Corrispettivi, „Ricevute file corrispettivi telematici“ öffnen: Die Empfangsbestätigung der Datei nennt den Grund.',
    it: 'Aprire Fatture e Corrispettivi, "Ricevute file corrispettivi telematici": la ricevuta del file indica il motivo.',
  },
  'Give the reason to the technician of the printer. If the printer sends the file again, this duty ends automatically.':
    {
      de: 'Dem Techniker des Druckers den Grund nennen. Sendet der Drucker die Datei noch einmal, endet diese Aufgabe automatisch.',
      it: 'Comunicare il motivo al tecnico della stampante. Se la stampante invia di nuovo il file, questo compito termina automaticamente.',
    },
  'Otherwise enter the sums there: "Ricerca dispositivo", {}, "Cambia stato" to "fuori servizio"; then "Procedure di emergenza", "Dispositivo fuori servizio".':
    {
      de: 'Sonst die Summen dort eingeben: „Ricerca dispositivo“, {}, „Cambia stato“ auf „fuori servizio“; dann „Procedure di emergenza“, „Dispositivo fuori servizio“.',
      it: 'Altrimenti inserire lì i totali: "Ricerca dispositivo", {}, "Cambia stato" in "fuori servizio"; poi "Procedure di emergenza", "Dispositivo fuori servizio".',
    },
  'Sums of Z {}: {} EUR.': { de: 'Summen von Z {}: {} EUR.', it: 'Totali della Z {}: {} EUR.' },
  'Sums of Z {}: take them from its paper, they are not in the journal.': {
    de: 'Summen von Z {}: vom Papier nehmen, das Journal hat sie nicht.',
    it: 'Totali della Z {}: prenderli dalla carta, nel registro non ci sono.',
  },
  'The next transmission of the printer ends that state. When the portal has the sums, confirm this duty.': {
    de: 'Die nächste Übermittlung des Druckers beendet diesen Zustand. Hat das Portal die Summen, diese Aufgabe bestätigen.',
    it: 'La prossima trasmissione della stampante termina quello stato. Quando il portale ha i totali, confermare questo compito.',
  },
  // A pause of the printer.
  'If the printer makes a Z before, this duty ends automatically.': {
    de: 'Macht der Drucker vorher einen Abschluss (Z), endet diese Aufgabe automatisch.',
    it: 'Se prima la stampante fa una Z, questo compito termina automaticamente.',
  },
  'A Z that it made while it did not answer is seen when it is back: look at its paper first.': {
    de: 'Einen Abschluss (Z), den er ohne Verbindung machte, sieht der Agent erst, wenn er wieder antwortet: zuerst sein Papier ansehen.',
    it: 'Una Z fatta mentre non rispondeva si vede solo quando torna a rispondere: guardare prima la sua carta.',
  },
  'State "fuori servizio" with event code 608: it announces the beginning of a pause of more than 12 days.': {
    de: '„fuori servizio“ mit dem Ereigniscode 608 melden: Er kündigt eine Pause von mehr als 12 Tagen an.',
    it: 'Dichiarare "fuori servizio" con il codice evento 608: annuncia l’inizio di una pausa di più di 12 giorni.',
  },
  'State it in the menu of the RT or at the portal (Fatture e Corrispettivi); next time on the last day of trade.': {
    de: 'Im Menü des RT melden oder im Portal (Fatture e Corrispettivi); beim nächsten Mal am letzten Verkaufstag.',
    it: 'Dichiararlo nel menu dell’RT o sul portale (Fatture e Corrispettivi); la prossima volta l’ultimo giorno di vendita.',
  },
  'The first transmission ends that state; no one can end it by hand.': {
    de: 'Die erste Übermittlung beendet diesen Zustand; von Hand lässt er sich nicht beenden.',
    it: 'La prima trasmissione termina quello stato; a mano non si può terminare.',
  },
  // Payment terminals.
  'terminal {}': { de: 'Terminal {}', it: 'terminale {}' },
  'the virtual terminal of {}': { de: 'virtuelles Terminal von {}', it: 'terminale virtuale di {}' },
  'It takes money for the printer from {} on: {}, acquirer {} ({}), {}.': {
    de: 'Es kassiert für den Drucker ab {}: {}, Acquirer {} ({}), {}.',
    it: 'Incassa per la stampante dal {}: {}, acquirer {} ({}), {}.',
  },
  'It takes money for the printer until {}: {}, acquirer {} ({}), {}.': {
    de: 'Es kassiert für den Drucker bis {}: {}, Acquirer {} ({}), {}.',
    it: 'Incassa per la stampante fino al {}: {}, acquirer {} ({}), {}.',
  },
  'From {} to {}: open Fatture e Corrispettivi, "Collegamento dispositivi - POS", "Gestione collegamenti".': {
    de: 'Vom {} bis {}: Fatture e Corrispettivi, „Collegamento dispositivi - POS“, „Gestione collegamenti“ öffnen.',
    it: 'Dal {} al {}: aprire Fatture e Corrispettivi, "Collegamento dispositivi - POS", "Gestione collegamenti".',
  },
  'The contract is that of {}; the portal does not propose it: key the terminal in.': {
    de: 'Vertragspartner ist {}; das Portal schlägt das Terminal nicht vor: es eintippen.',
    it: 'Il titolare del contratto è {}; il portale non lo propone: inserire il terminale a mano.',
  },
  'the franchisor': { de: 'der Franchisegeber', it: 'il franchisor' },
  'Choose printer {} for it. "Ceased" and "not mine" are final there: choose neither for a terminal in use.': {
    de: 'Dafür den Drucker {} wählen. „Beendet“ und „nicht meines“ sind dort endgültig: bei einem genutzten Terminal keines davon wählen.',
    it: 'Scegliere per esso la stampante {}. "Cessato" e "non mio" lì sono definitivi: non sceglierli per un terminale in uso.',
  },
  'End its link with printer {}. "Ceased" is final there: only for a terminal that no one uses again.': {
    de: 'Seine Verbindung mit dem Drucker {} beenden. „Beendet“ ist dort endgültig: nur für ein Terminal, das niemand mehr nutzt.',
    it: 'Terminare il suo collegamento con la stampante {}. "Cessato" lì è definitivo: solo per un terminale che nessuno userà più.',
  },
  'A terminal that was excluded there by mistake does not come back: enter it by hand, with the id and the acquirer above.':
    {
      de: 'Ein irrtümlich dort ausgeschlossenes Terminal kommt nicht zurück: es von Hand eingeben, mit Kennung und Acquirer von oben.',
      it: 'Un terminale escluso lì per errore non torna: inserirlo a mano, con l’identificativo e l’acquirer indicati sopra.',
    },
  // Emergencies.
  'Call the technician at once, and note the time in the libretto of the printer, on paper or at the portal.': {
    de: 'Sofort den Techniker rufen und die Uhrzeit im „libretto“ des Druckers notieren, auf Papier oder im Portal.',
    it: 'Chiamare subito il tecnico e annotare l’ora nel libretto della stampante, su carta o sul portale.',
  },
  'Then confirm this duty, with the time as its reason.': {
    de: 'Dann diese Aufgabe bestätigen, mit der Uhrzeit als Grund.',
    it: 'Poi confermare questo compito, con l’ora come motivo.',
  },
  'Open Fatture e Corrispettivi: "Ricerca dispositivo", the matricola, "Cambia stato", "fuori servizio", Malfunzionamento.':
    {
      de: 'Fatture e Corrispettivi öffnen: „Ricerca dispositivo“, die Matricola, „Cambia stato“, „fuori servizio“, Malfunzionamento.',
      it: 'Aprire Fatture e Corrispettivi: "Ricerca dispositivo", la matricola, "Cambia stato", "fuori servizio", Malfunzionamento.',
    },
  'The printer does not work since {} (Italian time): the time of the state is just before that.': {
    de: 'Der Drucker arbeitet seit {} nicht (Ortszeit): Die Uhrzeit des Zustands liegt kurz davor.',
    it: 'La stampante non funziona dal {} (ora italiana): l’ora dello stato è appena prima.',
  },
  'The portal takes sums of the emergency only in that state.': {
    de: 'Nur in diesem Zustand nimmt das Portal Summen des Notfalls an.',
    it: 'Il portale accetta i totali dell’emergenza solo in quello stato.',
  },
  'The sums by rate and natura: {}': {
    de: 'Die Summen nach Satz und Natura: {}',
    it: 'I totali per aliquota e natura: {}',
  },
  'Enter them in the books (registro dei corrispettivi). Sending them to the office is voluntary.': {
    de: 'Sie in die Bücher eintragen (registro dei corrispettivi). Sie dem Finanzamt zu senden ist freiwillig.',
    it: 'Annotarli nel registro dei corrispettivi. Inviarli all’Agenzia è facoltativo.',
  },
  'If the shop sends them: "Procedure di emergenza", "Dispositivo fuori servizio", before the printer is back in service.':
    {
      de: 'Sendet das Geschäft sie: „Procedure di emergenza“, „Dispositivo fuori servizio“, bevor der Drucker wieder in Betrieb ist.',
      it: 'Se il negozio li invia: "Procedure di emergenza", "Dispositivo fuori servizio", prima che la stampante torni in servizio.',
    },
  'Do not key them in at the printer: its Z would count them a second time.': {
    de: 'Sie nicht am Drucker eintippen: Sein Abschluss (Z) würde sie doppelt zählen.',
    it: 'Non digitarli alla stampante: la sua Z li conterebbe una seconda volta.',
  },
  'They do not contain the documents that printer {} has printed since its last Z: its Z or the duty of its open period has them.':
    {
      de: 'Sie enthalten nicht, was der Drucker {} seit seinem letzten Abschluss (Z) gedruckt hat: Das enthält sein Abschluss oder die Aufgabe seines offenen Zeitraums.',
      it: 'Non contengono i documenti che la stampante {} ha stampato dopo la sua ultima Z: li ha la sua Z o il compito del suo periodo aperto.',
    },
  'The first transmission of the printer ends the state "fuori servizio": look at the portal.': {
    de: 'Die erste Übermittlung des Druckers beendet den Zustand „fuori servizio“: im Portal nachsehen.',
    it: 'La prima trasmissione della stampante termina lo stato "fuori servizio": guardare il portale.',
  },
  'Compare the paper of the printer with {}: a sale that the printer has printed is named there (printed_as), and is in no sum of it.':
    {
      de: 'Das Papier des Druckers mit {} vergleichen: Ein Verkauf, den der Drucker gedruckt hat, steht dort (printed_as) und ist in keiner Summe.',
      it: 'Confrontare la carta della stampante con {}: una vendita che la stampante ha stampato vi è indicata (printed_as) e non è in alcun totale.',
    },
  'A printer whose memory names no operation (Epson) shows none: compare its last documents with the first entries.': {
    de: 'Ein Drucker, dessen Speicher keinen Vorgang nennt (Epson), zeigt keinen: seine letzten Dokumente mit den ersten Einträgen vergleichen.',
    it: 'Una stampante la cui memoria non indica operazioni (Epson) non ne mostra: confrontare i suoi ultimi documenti con le prime registrazioni.',
  },
  // Events that are lost.
  "Italy: the first start set the numbers aside that the agent's own receipts may have on paper; journal verify names them.":
    {
      de: 'Italien: Der erste Start hat die Nummern zurückgestellt, die eigene Belege des Agenten auf Papier haben können; journal verify nennt sie.',
      it: 'Italia: il primo avvio ha accantonato i numeri che le ricevute proprie dell’agente possono avere su carta; journal verify li indica.',
    },
  'Italy: the printer has each document and continues to count. The journal has no record of those sales and their cash, so the next count differs.':
    {
      de: 'Italien: Der Drucker hat jedes Dokument und zählt weiter. Im Journal fehlen diese Verkäufe und ihr Bargeld, daher weicht der nächste Kassensturz ab.',
      it: 'Italia: la stampante ha ogni documento e continua a contare. Nel registro mancano quelle vendite e il loro contante, perciò il prossimo conteggio di cassa è diverso.',
    },
  'Italy: "fiskal-edge device last-document ID" names where printer and journal end. Compare the documents between the two with the paper, sell nothing twice, and note it for the accountant.':
    {
      de: 'Italien: „fiskal-edge device last-document ID“ zeigt, wo Drucker und Journal enden. Die Dokumente dazwischen mit dem Papier vergleichen, nichts doppelt verkaufen und es für den Steuerberater notieren.',
      it: 'Italia: "fiskal-edge device last-document ID" indica dove finiscono stampante e registro. Confrontare con la carta i documenti tra i due, non vendere nulla due volte, e annotarlo per il commercialista.',
    },
  'Italy: if the emergency register of the printer was open, entries after the backup are in no sum, and a repeated request of one prints it: compare the slips of the tills of that time first.':
    {
      de: 'Italien: War das Notfallregister des Druckers offen, sind Einträge nach der Sicherung in keiner Summe, und eine wiederholte Anfrage druckt sie: zuerst die Zettel der Kassen aus dieser Zeit vergleichen.',
      it: 'Italia: se il registro di emergenza della stampante era aperto, le registrazioni dopo la copia non sono in alcun totale, e una richiesta ripetuta le stampa: confrontare prima i foglietti delle casse di quel periodo.',
    },
  'Italy: goods of these sales that come back later are a return with the number on the paper.': {
    de: 'Italien: Kommt Ware dieser Verkäufe später zurück, ist es eine Rückgabe mit der Nummer auf dem Papier.',
    it: 'Italia: la merce di queste vendite che torna più tardi è un reso con il numero sulla carta.',
  },
} as const
