// The one file to change: where the Parse server is, the keys that `make run` prints, and the pipeline as it is there.

export default {
  serverURL: "http://127.0.0.1:8000/parse",
  applicationId: "crm",
  javascriptKey: "js",
  currency: "USD",
  stages: [
    { key: "lead", label: "Lead", open: true },
    { key: "qualified", label: "Qualified", open: true },
    { key: "proposal", label: "Proposal", open: true },
    { key: "negotiation", label: "Negotiation", open: true },
    { key: "won", label: "Won", open: false },
    { key: "lost", label: "Lost", open: false },
  ],
};
