/** The steps of the duties that no law defines. */
export const AGENT_INSTRUCTIONS = {
  // The clock and the machine.
  'If it is wrong: set the time (timedatectl) and check the battery of the mainboard; do not confirm this duty.': {
    de: 'Geht die Uhr falsch: stellen (timedatectl) und die Batterie der Hauptplatine prüfen; diese Aufgabe nicht bestätigen.',
    it: 'Se l’ora è sbagliata: impostarla (timedatectl) e controllare la batteria della scheda madre; non confermare questo compito.',
  },
  'If it is right: confirm this duty, and replace the TSE, whose signatures no longer count.': {
    de: 'Geht sie richtig: diese Aufgabe bestätigen und die TSE ersetzen, deren Signaturen nicht mehr gelten.',
    it: 'Se è giusta: confermare questo compito e sostituire la TSE, le cui firme non valgono più.',
  },
  'If it is right and ran ahead before: confirm this duty, and the times of new events count again.': {
    de: 'Geht sie richtig und ging vorher vor: diese Aufgabe bestätigen, dann gelten die Zeiten neuer Ereignisse wieder.',
    it: 'Se è giusta e prima era avanti: confermare questo compito, e gli orari dei nuovi eventi valgono di nuovo.',
  },
  'If it is, after a new machine or a new installation: fiskal-edge duty confirm {} --reason TEXT. From then on the journal belongs to this machine.':
    {
      de: 'Benutzt das Geschäft diese Maschine, weil sie oder ihre Installation neu ist: fiskal-edge duty confirm {} --reason TEXT. Dann gehört das Journal zu ihr.',
      it: 'Se il negozio usa questa macchina, perché è nuova o reinstallata: fiskal-edge duty confirm {} --reason TEXT. Da allora il registro le appartiene.',
    },
  'If the journal was copied here (an image, a copied disk) and the shop sells on another machine: stop the agent (systemctl stop fiskal-edge) and move the state directory away (mv). The next start begins a new journal.':
    {
      de: 'Wurde das Journal hierher kopiert (Image, kopierte Platte) und verkauft das Geschäft auf einer anderen Maschine: den Agenten anhalten (systemctl stop fiskal-edge) und das Zustandsverzeichnis an einen anderen Ort legen (mv). Der nächste Start beginnt ein neues Journal.',
      it: 'Se il registro è stato copiato qui (immagine, disco copiato) e il negozio vende su un’altra macchina: fermare l’agente (systemctl stop fiskal-edge) e spostare altrove la directory di stato (mv). Il prossimo avvio inizia un nuovo registro.',
    },
  'Units with PINs that this agent made stay usable only with that directory: keep it.': {
    de: 'Geräte, deren PIN dieser Agent vergeben hat, bleiben nur mit diesem Verzeichnis nutzbar: es aufbewahren.',
    it: 'I dispositivi con un PIN creato da questo agente restano utilizzabili solo con quella directory: conservarla.',
  },
  'A move is made with fiskal-edge backup FILE --final and fiskal-edge restore FILE: then nothing is asked.': {
    de: 'Umziehen mit fiskal-edge backup FILE --final und fiskal-edge restore FILE: dann entsteht diese Frage nicht.',
    it: 'Un trasferimento si fa con fiskal-edge backup FILE --final e fiskal-edge restore FILE: allora questa domanda non si pone.',
  },
  // A device without an outcome.
  'The agent has asked the device since {}. Its last words: {}.': {
    de: 'Der Agent fragt das Gerät seit {}. Seine letzte Meldung: {}.',
    it: 'L’agente interroga il dispositivo dal {}. Il suo ultimo messaggio: {}.',
  },
  'none since the last start': { de: 'keine seit dem letzten Start', it: 'nessuno dall’ultimo avvio' },
  'Ask the manufacturer of the device what this message means; the agent continues to ask.': {
    de: 'Den Hersteller des Geräts fragen, was diese Meldung bedeutet; der Agent fragt weiter.',
    it: 'Chiedere al produttore del dispositivo che cosa significa questo messaggio; l’agente continua a chiedere.',
  },
  'A TSE that is replaced for that reason: fiskal-edge device archive {}, then fiskal-edge device retire {} --reason TEXT.':
    {
      de: 'Wird eine TSE deshalb ersetzt: fiskal-edge device archive {}, dann fiskal-edge device retire {} --reason TEXT.',
      it: 'Se per questo si sostituisce una TSE: fiskal-edge device archive {}, poi fiskal-edge device retire {} --reason TEXT.',
    },
  // Credentials.
  'In FinanzOnline, give the user of the account the right for the Registrierkassen-Webservice.': {
    de: 'In FinanzOnline dem Benutzer des Kontos das Recht für den Registrierkassen-Webservice geben.',
    it: 'In FinanzOnline dare all’utente dell’account il diritto per il Registrierkassen-Webservice.',
  },
  'Then: fiskal-edge duty send {}.': { de: 'Dann: fiskal-edge duty send {}.', it: 'Poi: fiskal-edge duty send {}.' },
  'Another user is written to the files of the account: {}.': {
    de: 'Einen anderen Benutzer in die Dateien des Kontos eintragen: {}.',
    it: 'Un altro utente si scrive nei file dell’account: {}.',
  },
  'Correct the files of the account: {}.': {
    de: 'Die Dateien des Kontos berichtigen: {}.',
    it: 'Correggere i file dell’account: {}.',
  },
  'Try them: fiskal-edge finanzonline check.': {
    de: 'Sie ausprobieren: fiskal-edge finanzonline check.',
    it: 'Provarli: fiskal-edge finanzonline check.',
  },
  'To permit one more login with the same files: fiskal-edge duty send {}.': {
    de: 'Eine weitere Anmeldung mit denselben Dateien erlauben: fiskal-edge duty send {}.',
    it: 'Per permettere un altro accesso con gli stessi file: fiskal-edge duty send {}.',
  },
  // Events that are missing, and copies of the journal.
  'Export the part of the journal that a sync target or a disk still has, and keep it with the books.': {
    de: 'Den Teil des Journals, den ein Sync-Ziel oder eine Platte noch hat, exportieren und bei den Büchern aufbewahren.',
    it: 'Esportare la parte del registro che una destinazione o un disco ha ancora, e conservarla con i libri.',
  },
  'Confirm with --reason: what happened, how it was looked for (paper, sync target, TSE or printer), and the number and sum of the receipts that are missing. The audit report prints the reason.':
    {
      de: 'Mit --reason bestätigen: was geschah, wie gesucht wurde (Papier, Sync-Ziel, TSE oder Drucker), Zahl und Summe der fehlenden Belege. Der Prüfbericht druckt den Grund.',
      it: 'Confermare con --reason: che cosa è successo, come si è cercato (carta, destinazione, TSE o stampante), numero e somma degli scontrini mancanti. Il rapporto di verifica lo stampa.',
    },
  'Also name the paper of numbers that were given twice (fiskal-edge journal verify).': {
    de: 'Auch die Belege auf Papier nennen, deren Nummern doppelt vergeben wurden (fiskal-edge journal verify).',
    it: 'Indicare anche gli scontrini su carta con numeri assegnati due volte (fiskal-edge journal verify).',
  },
  'An older state is in use: a sync target, a TSE or the file of the journal shows it. If a target holds the lost events, export its journal and keep it with the books.':
    {
      de: 'Ein älterer Zustand ist in Benutzung: Ein Sync-Ziel, eine TSE oder die Datei des Journals zeigt es. Hat ein Ziel die verlorenen Ereignisse, sein Journal exportieren und bei den Büchern aufbewahren.',
      it: 'È in uso uno stato più vecchio: lo mostra una destinazione, una TSE o il file del registro. Se una destinazione ha gli eventi persi, esportarne il registro e conservarlo con i libri.',
    },
  'Look for the cause: a snapshot of a virtual machine, a copied state directory. Move with fiskal-edge backup FILE --final and restore FILE.':
    {
      de: 'Die Ursache suchen: Snapshot einer virtuellen Maschine, kopiertes Zustandsverzeichnis. Umziehen mit fiskal-edge backup FILE --final und restore FILE.',
      it: 'Cercare la causa: uno snapshot di una macchina virtuale, una directory di stato copiata. Trasferire con fiskal-edge backup FILE --final e restore FILE.',
    },
  'A sync target holds other events than this disk: a disk was rolled back, or a second machine runs with a copy.': {
    de: 'Ein Sync-Ziel hat andere Ereignisse als diese Platte: Eine Platte wurde zurückgesetzt, oder eine zweite Maschine läuft mit einer Kopie.',
    it: 'Una destinazione ha eventi diversi da questo disco: un disco è stato riportato indietro, o una seconda macchina funziona con una copia.',
  },
  'Stop the other machine; keep both disks; export the journal of both, and that of the target.': {
    de: 'Die andere Maschine anhalten; beide Platten aufbewahren; das Journal von beiden und das des Ziels exportieren.',
    it: 'Fermare l’altra macchina; conservare i due dischi; esportare il registro di entrambi e quello della destinazione.',
  },
  'Then two machines have one identity: an image, a copied disk or a restored backup. The agent id is in fiskal-edge doctor of both. Stop one of the two; keep both disks.':
    {
      de: 'Dann haben zwei Maschinen eine Identität: Image, kopierte Platte oder eingespielte Sicherung. fiskal-edge doctor zeigt auf beiden die Kennung des Agenten. Eine der beiden anhalten; beide Platten aufbewahren.',
      it: 'Allora due macchine hanno la stessa identità: un’immagine, un disco copiato o una copia ripristinata. fiskal-edge doctor mostra su entrambe l’identificativo dell’agente. Fermarne una; conservare i due dischi.',
    },
  'If this machine stays: fiskal-edge journal epoch --above N, with the newer epoch that fiskal-edge doctor names, then fiskal-edge sync resume TARGET.':
    {
      de: 'Bleibt diese Maschine: fiskal-edge journal epoch --above N, mit der neueren Epoche, die fiskal-edge doctor nennt, dann fiskal-edge sync resume TARGET.',
      it: 'Se resta questa macchina: fiskal-edge journal epoch --above N, con l’epoca più nuova indicata da fiskal-edge doctor, poi fiskal-edge sync resume TARGET.',
    },
  'If the other machine stays: stop the agent here. Events that only this journal has are exported with it (fiskal-edge export journal --out FILE); keep them with the books. Then move the state directory away (mv).':
    {
      de: 'Bleibt die andere Maschine: den Agenten hier anhalten. Ereignisse, die nur dieses Journal hat, exportieren (fiskal-edge export journal --out FILE) und bei den Büchern aufbewahren. Dann das Zustandsverzeichnis an einen anderen Ort legen (mv).',
      it: 'Se resta l’altra macchina: fermare qui l’agente. Esportare gli eventi che solo questo registro ha (fiskal-edge export journal --out FILE) e conservarli con i libri. Poi spostare altrove la directory di stato (mv).',
    },
} as const
