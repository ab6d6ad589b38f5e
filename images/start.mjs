// One layer holds the programs of all services; the image says which one it is.
await import(`./reference-services/${process.env.SERVICE}/main.js`);
