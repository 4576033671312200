package main

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Breaking lists what a client that was written for the schema before may stumble over in the one after, a phrase for each: what was removed, what
// changed its type, what an input newly requires, and what may newly be null. Values added to an enum or a union are no such thing: clients
// are told to expect them.
func Breaking(before, after *ast.Schema) []string {
	var changes []string
	for _, name := range slices.Sorted(maps.Keys(before.Types)) {
		was, is := before.Types[name], after.Types[name]
		switch {
		case was.BuiltIn:
		case is == nil:
			changes = append(changes, "type "+name+" was removed")
		case is.Kind != was.Kind:
			changes = append(changes, "type "+name+" became another kind of type")
		default:
			changes = append(changes, within(was, is)...)
		}
	}
	return changes
}

// within compares two forms of one type.
func within(before, after *ast.Definition) []string {
	var changes []string
	for _, value := range before.EnumValues {
		if after.EnumValues.ForName(value.Name) == nil {
			changes = append(changes, "value "+before.Name+"."+value.Name+" was removed")
		}
	}
	for _, names := range [][2][]string{{before.Interfaces, after.Interfaces}, {before.Types, after.Types}} {
		for _, name := range names[0] {
			if !slices.Contains(names[1], name) {
				changes = append(changes, "type "+before.Name+" parted from "+name)
			}
		}
	}
	input := before.Kind == ast.InputObject
	for _, field := range before.Fields {
		path := before.Name + "." + field.Name
		now := after.Fields.ForName(field.Name)
		switch {
		case now == nil:
			changes = append(changes, "field "+path+" was removed")
			continue
		case input && !accepts(now.Type, field.Type), !input && !accepts(field.Type, now.Type):
			changes = append(changes, "field "+path+" changed from "+field.Type.String()+" to "+now.Type.String())
		case input && required(now.Type, now.DefaultValue) && !required(field.Type, field.DefaultValue):
			changes = append(changes, "field "+path+" became required")
		}
		changes = append(changes, arguments(path, field.Arguments, now.Arguments)...)
	}
	for _, field := range after.Fields {
		if input && before.Fields.ForName(field.Name) == nil && required(field.Type, field.DefaultValue) {
			changes = append(changes, "field "+after.Name+"."+field.Name+" was added and is required")
		}
	}
	return changes
}

// arguments compares the arguments of one field.
func arguments(path string, before, after ast.ArgumentDefinitionList) []string {
	var changes []string
	for _, argument := range before {
		now := after.ForName(argument.Name)
		switch {
		case now == nil:
			changes = append(changes, "argument "+path+"("+argument.Name+") was removed")
		case !accepts(now.Type, argument.Type):
			changes = append(changes, "argument "+path+"("+argument.Name+") changed from "+argument.Type.String()+" to "+now.Type.String())
		case required(now.Type, now.DefaultValue) && !required(argument.Type, argument.DefaultValue):
			changes = append(changes, "argument "+path+"("+argument.Name+") became required")
		}
	}
	for _, argument := range after {
		if before.ForName(argument.Name) == nil && required(argument.Type, argument.DefaultValue) {
			changes = append(changes, "argument "+path+"("+argument.Name+") was added and is required")
		}
	}
	return changes
}

// accepts says whether every value of the narrow type is one of the wide type: they are the same but for "!", which the narrow one may have more of.
func accepts(wide, narrow *ast.Type) bool {
	switch {
	case wide.NonNull && !narrow.NonNull, wide.NamedType != narrow.NamedType, (wide.Elem == nil) != (narrow.Elem == nil):
		return false
	case wide.Elem == nil:
		return true
	}
	return accepts(wide.Elem, narrow.Elem)
}

func required(t *ast.Type, standard *ast.Value) bool { return t.NonNull && standard == nil }
