package model_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/graph/model"
)

func TestNumbersAreNoStrings(t *testing.T) {
	t.Parallel()
	n, err := model.UnmarshalInt(json.Number("25"))
	require.NoError(t, err)
	require.Equal(t, 25, n)
	n64, err := model.UnmarshalInt64(json.Number("25"))
	require.NoError(t, err)
	require.EqualValues(t, 25, n64)
	for _, v := range []any{json.Number("25"), 25, int64(25), 25.0} {
		f, err := model.UnmarshalFloat(v)
		require.NoError(t, err)
		require.EqualValues(t, 25, f)
	}
	for _, text := range []any{"25", "", "NaN", "1e3"} {
		_, err := model.UnmarshalInt(text)
		require.Error(t, err, text)
		_, err = model.UnmarshalInt64(text)
		require.Error(t, err, text)
		_, err = model.UnmarshalFloat(text)
		require.Error(t, err, text)
	}
}
