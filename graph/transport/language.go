package transport

import (
	"context"
	"net/http"

	"dongxiao/internal/apperr"
)

type languageKey struct{}

// Language reads the language of messages from Accept-Language into the request's context, for every transport below it.
func Language(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		language := apperr.ParseLanguage(r.Header.Get("Accept-Language"))
		next.ServeHTTP(w, r.WithContext(WithLanguage(r.Context(), language)))
	})
}

// WithLanguage puts the language of messages into a context.
func WithLanguage(ctx context.Context, language apperr.Language) context.Context {
	return context.WithValue(ctx, languageKey{}, language)
}

// LanguageOf is the language in which the context's caller is answered; Chinese unless it asked otherwise.
func LanguageOf(ctx context.Context) apperr.Language {
	if language, ok := ctx.Value(languageKey{}).(apperr.Language); ok {
		return language
	}
	return apperr.Chinese
}
