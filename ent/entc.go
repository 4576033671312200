//go:build ignore

package main

import (
	"log"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

func main() {
	storage, err := gen.NewStorage("sql")
	if err != nil {
		log.Fatalf("generate ent: %v", err)
	}
	// Migrations are files, and migrate/diff reads the schema itself: the program need not compile ent's and Atlas's ways to migrate.
	storage.SchemaMode &^= gen.Migrate
	err = entc.Generate("./schema", &gen.Config{
		Storage:  storage,
		Features: []gen.Feature{gen.FeatureIntercept, gen.FeatureModifier, gen.FeatureExecQuery, gen.FeatureLock},
	}, entc.TemplateDir("./template"))
	if err != nil {
		log.Fatalf("generate ent: %v", err)
	}
}
