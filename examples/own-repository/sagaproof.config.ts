import { defineConfig } from 'sagaproof';

export default defineConfig({
  // Manifests of your services; each replaces a reference service. Or pass --subject.
  subjects: [],
  // Folders of your own scenarios and invariants; they run and are checked with Sagaproof's.
  scenarios: ['sagaproof/scenarios'],
  invariants: ['sagaproof/invariants'],
  // Your own Kafka, Postgres, … instead of installed ones: postgres: { url: 'postgres://…' }
  addresses: {},
});
